// Reading QR codes from a camera picture (ISO/IEC 18004), for browsers that cannot: correction L in byte mode as those of
// qr.js, and small ones of correction M in letters and figures as on the card of a household.
import { EXP, LOG, alignments, codewords, dataOrder, shape, times } from "./qr.js";

const MOST_VERSION = 25;
const MIDDLE = [null, [1, 10], [1, 16], [1, 26], [2, 18], [2, 24]].map((one) => one && { count: one[0], ecc: one[1] }); // of level M
const BIAS = 5; // darker than its surroundings by so much counts as dark

/** The texts of the codes in a picture (`{width, height, data}` as of a canvas); at most one is looked for. */
export function readCodes(picture) {
  const page = new Page(picture);
  for (const [corner, right, below] of triples(finders(page))) {
    const text = decode(page, corner, right, below);
    if (text !== null) return [text];
  }
  return [];
}

/** A picture as dark and light, each point against the mean of its surroundings. */
class Page {
  constructor({ width, height, data }) {
    Object.assign(this, { width, height, dark: new Uint8Array(width * height) });
    const row = width + 1;
    const sums = new Uint32Array(row * (height + 1));
    const grey = new Uint8Array(width * height);
    for (let y = 0; y < height; y += 1) {
      for (let x = 0, line = 0; x < width; x += 1) {
        const at = y * width + x;
        grey[at] = (data[at * 4] * 77 + data[at * 4 + 1] * 150 + data[at * 4 + 2] * 29) >> 8;
        line += grey[at];
        sums[(y + 1) * row + x + 1] = sums[y * row + x + 1] + line;
      }
    }
    const reach = Math.max(8, Math.round(Math.min(width, height) / 24));
    for (let y = 0; y < height; y += 1) {
      const [top, foot] = [Math.max(0, y - reach), Math.min(height, y + reach + 1)];
      for (let x = 0; x < width; x += 1) {
        const [left, end] = [Math.max(0, x - reach), Math.min(width, x + reach + 1)];
        const sum = sums[foot * row + end] - sums[top * row + end] - sums[foot * row + left] + sums[top * row + left];
        this.dark[y * width + x] = (grey[y * width + x] + BIAS) * (foot - top) * (end - left) < sum ? 1 : 0;
      }
    }
  }

  at(x, y) {
    const [column, line] = [Math.round(x - 0.5), Math.round(y - 0.5)]; // a point lies in the middle of its pixel
    return column < 0 || line < 0 || column >= this.width || line >= this.height ? 0 : this.dark[line * this.width + column];
  }
}

// ---- the three large squares

/** Middle and length of the runs dark-light-dark-light-dark in 1:1:3:1:1 around the last of five runs, or null. */
function square(runs, end) {
  const whole = runs[0] + runs[1] + runs[2] + runs[3] + runs[4];
  if (whole < 7) return null;
  const module = whole / 7;
  const wrong = (length, wanted) => Math.abs(length - wanted * module) > Math.max(0.75, wanted === 3 ? 1.2 : 0.6) * module;
  if ([1, 1, 3, 1, 1].some((wanted, place) => wrong(runs[place], wanted))) return null;
  return { middle: end - runs[4] - runs[3] - runs[2] / 2, module };
}

/** The same across a point, along a column or a row. */
function across(page, x, y, dx, dy, module) {
  const most = Math.ceil(module * 5);
  const count = (from, sign, wanted) => {
    let steps = 0;
    while (steps < most) {
      const [px, py] = [x + (from + steps) * sign * dx, y + (from + steps) * sign * dy];
      if (px < 0 || py < 0 || px >= page.width || py >= page.height || page.dark[py * page.width + px] !== wanted) break;
      steps += 1;
    }
    return steps;
  };
  const back = [count(0, -1, 1)];
  back.push(count(back[0], -1, 0));
  back.push(count(back[0] + back[1], -1, 1));
  const ahead = [count(1, 1, 1)];
  ahead.push(count(1 + ahead[0], 1, 0));
  ahead.push(count(1 + ahead[0] + ahead[1], 1, 1));
  const start = dx ? x : y;
  return square([back[2], back[1], back[0] + ahead[0], ahead[1], ahead[2]], start + 1 + ahead[0] + ahead[1] + ahead[2]);
}

/** Middles of everything that looks like one of the three squares, those seen most often first. */
function finders(page) {
  const found = [];
  for (let y = 0; y < page.height; y += 2) {
    const runs = [0, 0, 0, 0, 0];
    let dark = 0;
    for (let x = 0; x <= page.width; x += 1) {
      const now = x < page.width ? page.dark[y * page.width + x] : 1 - dark;
      if (now === dark) {
        runs[4] += 1;
        continue;
      }
      if (dark) {
        const seen = square(runs, x);
        if (seen) confirm(page, found, seen.middle, y, seen.module);
      }
      runs.shift();
      runs.push(1);
      dark = now;
    }
  }
  return found.filter((one) => one.seen > 1).sort((a, b) => b.seen - a.seen).slice(0, 12);
}

function confirm(page, found, x, y, module) {
  const column = across(page, Math.floor(x), y, 0, 1, module);
  if (!column || column.module > 2 * module || module > 2 * column.module) return;
  const line = across(page, Math.floor(x), Math.floor(column.middle), 1, 0, module);
  if (!line) return;
  const size = (column.module + line.module) / 2;
  const same = found.find((one) => Math.abs(one.x - line.middle) < 3 * size && Math.abs(one.y - column.middle) < 3 * size);
  if (!same) {
    found.push({ x: line.middle, y: column.middle, module: size, seen: 1 });
    return;
  }
  const part = 1 / (same.seen + 1);
  same.x += (line.middle - same.x) * part;
  same.y += (column.middle - same.y) * part;
  same.module += (size - same.module) * part;
  same.seen += 1;
}

/** Three squares as corner, right, below; first those seen often that stand most like a right angle with equal sides. */
function triples(found) {
  const all = [];
  const apart = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);
  for (let i = 0; i < found.length; i += 1) {
    for (let j = i + 1; j < found.length; j += 1) {
      for (let k = j + 1; k < found.length; k += 1) {
        const sides = [[found[i], found[j], found[k]], [found[j], found[k], found[i]], [found[k], found[i], found[j]]];
        const [a, b, corner] = sides.sort((one, other) => apart(other[0], other[1]) - apart(one[0], one[1]))[0];
        const [left, right, far] = [apart(corner, a), apart(corner, b), apart(a, b)];
        const module = (a.module + b.module + corner.module) / 3;
        const modules = [a, b, corner].map((one) => one.module);
        const wrong = Math.abs(left - right) / Math.max(left, right) + Math.abs(far / Math.hypot(left, right) - 1) + (Math.max(...modules) / Math.min(...modules) - 1) / 2;
        if (wrong > 0.8 || Math.min(left, right) < 10 * module) continue;
        const clockwise = (a.x - corner.x) * (b.y - corner.y) - (a.y - corner.y) * (b.x - corner.x) > 0;
        const seen = [a, b, corner].reduce((sum, one) => sum + Math.min(one.seen, 8), 0) / 40; // what is only dirt is seen once or twice
        all.push([wrong - seen, corner, clockwise ? a : b, clockwise ? b : a]);
      }
    }
  }
  return all.sort((one, other) => one[0] - other[0]).slice(0, 6).map((one) => one.slice(1));
}

// ---- from the squares to modules

/** The projective map that takes the four corners of a square of side `side` in modules to points of the picture. */
function projection(side, [p0, p1, p2, p3]) {
  const [dx1, dx2, sx] = [p1.x - p2.x, p3.x - p2.x, p0.x - p1.x + p2.x - p3.x];
  const [dy1, dy2, sy] = [p1.y - p2.y, p3.y - p2.y, p0.y - p1.y + p2.y - p3.y];
  const whole = dx1 * dy2 - dx2 * dy1;
  const [g, h] = [(sx * dy2 - dx2 * sy) / whole, (dx1 * sy - sx * dy1) / whole];
  const [a, b, d, e] = [p1.x - p0.x + g * p1.x, p3.x - p0.x + h * p3.x, p1.y - p0.y + g * p1.y, p3.y - p0.y + h * p3.y];
  return (u, v) => {
    const [x, y] = [u / side, v / side];
    const w = g * x + h * y + 1;
    return { x: (a * x + b * y + p0.x) / w, y: (d * x + e * y + p0.y) / w };
  };
}

function decode(page, corner, right, below) {
  const { versions, tilt } = survey(page, corner, right, below);
  const ranked = versions.map((version) => {
    const place = projection(version * 4 + 10, [corner, right, tilt(version * 4 + 10), below]);
    return [timing(page, place, version * 4 + 17), version, place];
  }).sort((a, b) => b[0] - a[0]);
  for (const [fits, version, place] of ranked.slice(0, 3)) {
    if (fits < 0.7) break;
    const text = readGrid(page, corner, right, below, version, place);
    if (text !== null) return text;
  }
  return null;
}

/** How many modules lie between the squares, and how the picture is tilted: both from the dotted lines that join them. */
function survey(page, corner, right, below) {
  const way = (to) => {
    const length = Math.hypot(to.x - corner.x, to.y - corner.y);
    return { x: (to.x - corner.x) / length, y: (to.y - corner.y) / length, length };
  };
  const [across, down] = [way(right), way(below)];
  const straight = Math.max(Math.abs(across.x), Math.abs(across.y)); // runs along a row are longer when the code is turned
  const moduleOf = (one) => one.module * straight;
  const beside = (one, u, v) => ({ x: one.x + (across.x * u + down.x * v) * moduleOf(one), y: one.y + (across.y * u + down.y * v) * moduleOf(one) });
  const row = walk(page, beside(corner, 3, 3), beside(right, -3, 3), moduleOf(corner));
  const column = walk(page, beside(corner, 3, 3), beside(below, 3, -3), moduleOf(corner));
  const mean = (one) => (moduleOf(corner) + moduleOf(one)) / 2;
  const guess = Math.round(((across.length / mean(right) + down.length / mean(below)) / 2 - 10) / 4);
  const versions = [row.count, column.count].map((count) => Math.round((count - 4) / 4)).concat([guess, guess + 1, guess - 1, guess + 2, guess - 2]);
  const slope = (middle, side) => {
    const ratio = middle / (1 - middle);
    return (ratio - 1) / (side - 3 - 3 * ratio);
  };
  const tilt = (side) => {
    const [w1, w3] = [1 + slope(row.middle, side) * side, 1 + slope(column.middle, side) * side];
    const whole = w1 + w3 - 1;
    return { x: (right.x * w1 + below.x * w3 - corner.x) / whole, y: (right.y * w1 + below.y * w3 - corner.y) / whole };
  };
  return { versions: [...new Set(versions)].filter((version) => version >= 1 && version <= MOST_VERSION), tilt };
}

/** Changes between dark and light on the way between two dark points: how many, and where their middle lies (0 to 1). */
function walk(page, from, to, module) {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const steps = Math.ceil(length * 2);
  const [nx, ny] = [(-(to.y - from.y) / length) * module * 0.25, ((to.x - from.x) / length) * module * 0.25];
  const changes = [];
  let [last, since] = [1, -steps];
  for (let n = 0; n <= steps; n += 1) {
    const [x, y] = [from.x + ((to.x - from.x) * n) / steps, from.y + ((to.y - from.y) * n) / steps];
    const dark = page.at(x, y) + page.at(x + nx, y + ny) + page.at(x - nx, y - ny) > 1 ? 1 : 0;
    if (dark === last) continue;
    if (n - since < module * 0.7 && changes.length) changes.pop(); // a speck: shorter than a third of a module
    else changes.push(n / steps);
    [last, since] = [dark, n];
  }
  const half = changes.length / 2;
  const middle = changes.length < 2 ? 0.5 : (changes[Math.ceil(half) - 1] + changes[Math.floor(half)]) / 2;
  return { count: changes.length, middle };
}

/** The share of the two dotted lines between the squares that a grid explains. */
function timing(page, place, size) {
  let good = 0;
  for (let n = 8; n < size - 8; n += 1) {
    for (const { x, y } of [place(n - 3, 3), place(3, n - 3)]) good += page.at(x, y) === 1 - (n % 2) ? 1 : 0;
  }
  return good / (2 * (size - 16));
}

/** How well the 5 × 5 mark of an alignment pattern fits at a point of the grid, from 0 to 25. */
function mark(page, place, u, v, sx, sy) {
  let good = 0;
  for (let dy = -2; dy <= 2; dy += 1) {
    for (let dx = -2; dx <= 2; dx += 1) {
      const { x, y } = place(u + dx, v + dy);
      good += page.at(x + sx, y + sy) === (Math.max(Math.abs(dx), Math.abs(dy)) === 1 ? 0 : 1) ? 1 : 0;
    }
  }
  return good;
}

/** Where a mark lies beside where it should be, in points of the picture; null when none is seen. */
function shift(page, place, u, v, reach, pixels) {
  const step = Math.max(1, pixels / 3);
  let [best, sum] = [20, []]; // of 25: dirt may spoil some
  for (let sy = -reach; sy <= reach; sy += step) {
    for (let sx = -reach; sx <= reach; sx += step) {
      const good = mark(page, place, u, v, sx, sy);
      if (good > best) [best, sum] = [good, [[sx, sy]]];
      else if (good === best && sum.length) sum.push([sx, sy]);
    }
  }
  if (!sum.length) return null;
  return { x: sum.reduce((all, one) => all + one[0], 0) / sum.length, y: sum.reduce((all, one) => all + one[1], 0) / sum.length };
}

function readGrid(page, corner, right, below, version, guessed) {
  const size = version * 4 + 17;
  const pixels = Math.hypot(right.x - corner.x, right.y - corner.y) / (size - 7);
  let place = guessed; // (0, 0) is the middle of the first square
  const off = version > 1 ? shift(page, place, size - 10, size - 10, pixels * 5, pixels) : null;
  if (off) {
    const seen = place(size - 10, size - 10);
    const far = opposite(corner, right, below, { x: seen.x + off.x, y: seen.y + off.y }, place(size - 7, size - 7), size);
    place = projection(size - 7, [corner, right, far, below]);
  }
  const bent = bending(page, place, version, pixels);
  const modules = new Uint8Array(size * size);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const [at, off] = [place(x - 3, y - 3), bent(x, y)];
      modules[y * size + x] = page.at(at.x + off.x, at.y + off.y);
    }
  }
  return textOf(modules, version);
}

/** The fourth corner such that the far mark, three modules before it, lies where it is seen. */
function opposite(corner, right, below, seen, guessed, size) {
  let far = guessed;
  for (let n = 0; n < 8; n += 1) {
    const { x, y } = projection(size - 7, [corner, right, far, below])(size - 10, size - 10);
    far = { x: far.x + (seen.x - x) * 1.05, y: far.y + (seen.y - y) * 1.05 };
  }
  return far;
}

/** Paper bends and lenses too: between the marks, the way to where each was seen is mixed from the four around. */
function bending(page, place, version, pixels) {
  const marks = alignments(version);
  const last = marks.length - 1;
  if (last < 1) return () => ({ x: 0, y: 0 });
  const corner = (i, j) => (i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0);
  const none = { x: 0, y: 0 };
  const offs = marks.map((y, j) => marks.map((x, i) => (corner(i, j) ? none : shift(page, place, x - 3, y - 3, pixels * 1.6, pixels) ?? none)));
  const between = (value) => {
    let n = 0;
    while (n < last - 1 && value > marks[n + 1]) n += 1;
    return [n, Math.min(1, Math.max(0, (value - marks[n]) / (marks[n + 1] - marks[n])))];
  };
  return (x, y) => {
    const [[i, p], [j, q]] = [between(x), between(y)];
    const mix = (name) => (offs[j][i][name] * (1 - p) + offs[j][i + 1][name] * p) * (1 - q) + (offs[j + 1][i][name] * (1 - p) + offs[j + 1][i + 1][name] * p) * q;
    return { x: mix("x"), y: mix("y") };
  };
}

// ---- from modules to text

function textOf(modules, version) {
  const format = maskOf(modules, version * 4 + 17);
  const parts = format?.level === "L" ? shape(version) : format && MIDDLE[version]; // M: small codes only
  if (!parts) return null;
  const order = dataOrder(version, format.mask);
  const bytes = new Uint8Array(codewords(version));
  order.forEach(([place, flip], n) => (bytes[n >>> 3] |= (modules[place] ^ flip) << (7 - (n & 7))));
  const data = [];
  for (const block of blocks(bytes, parts)) {
    const right = corrected(block.bytes, block.ecc);
    if (!right) return null;
    data.push(...right.subarray(0, block.bytes.length - block.ecc));
  }
  return message(data, version);
}

/** The level and the number of the mask from the format bits beside the first square, 3 wrong bits at most; null for other levels than L and M. */
function maskOf(modules, size) {
  const dark = (x, y) => modules[y * size + x];
  const places = [...Array.from({ length: 6 }, (_, n) => [8, n]), [8, 7], [8, 8], [7, 8], ...Array.from({ length: 6 }, (_, n) => [5 - n, 8])];
  const other = [...Array.from({ length: 8 }, (_, n) => [size - 1 - n, 8]), ...Array.from({ length: 7 }, (_, n) => [8, size - 7 + n])];
  for (const way of [places, other]) {
    const seen = way.reduce((bits, [x, y], n) => bits | (dark(x, y) << n), 0);
    for (let data = 0; data < 32; data += 1) {
      let rest = data;
      for (let n = 0; n < 10; n += 1) rest = (rest << 1) ^ ((rest >>> 9) * 0x537);
      let differs = seen ^ (((data << 10) | rest) ^ 0x5412);
      let count = 0;
      for (; differs; differs &= differs - 1) count += 1;
      if (count <= 3) return data >> 3 < 2 ? { level: "ML"[data >> 3], mask: data & 7 } : null;
    }
  }
  return null;
}

/** The blocks out of what was interleaved. */
function blocks(bytes, { count, ecc }) {
  const short = Math.floor(bytes.length / count) - ecc;
  const long = bytes.length % count;
  const made = Array.from({ length: count }, (_, n) => ({ ecc, length: short + (n < count - long ? 0 : 1), bytes: [] }));
  let at = 0;
  for (let n = 0; n <= short; n += 1) for (const one of made) if (n < one.length) one.bytes.push(bytes[at++]);
  for (let n = 0; n < ecc; n += 1) for (const one of made) one.bytes.push(bytes[at++]);
  return made.map((one) => ({ ecc, bytes: Uint8Array.from(one.bytes) }));
}

/** Reed–Solomon: the block with its wrong bytes put right (Berlekamp–Massey, Chien, Forney), or null when there are too many. */
function corrected(block, ecc) {
  const syndromes = Array.from({ length: ecc }, (_, n) => block.reduce((sum, byte) => times(sum, EXP[n]) ^ byte, 0));
  if (syndromes.every((one) => one === 0)) return block;
  let [locator, before, length, gap, last] = [[1], [1], 0, 1, 1];
  for (let n = 0; n < ecc; n += 1) {
    let off = syndromes[n];
    for (let i = 1; i <= length; i += 1) off ^= times(locator[i] ?? 0, syndromes[n - i]);
    if (!off) {
      gap += 1;
      continue;
    }
    const factor = EXP[(LOG[off] - LOG[last] + 255) % 255];
    const next = [...locator];
    before.forEach((value, i) => (next[i + gap] = (next[i + gap] ?? 0) ^ times(value, factor)));
    for (let i = 0; i < next.length; i += 1) next[i] ??= 0;
    if (2 * length <= n) [before, length, last, gap] = [locator, n + 1 - length, off, 1];
    else gap += 1;
    locator = next;
  }
  if (length * 2 > ecc) return null;
  const at = (poly, power) => poly.reduce((sum, value, n) => sum ^ (value ? EXP[(LOG[value] + n * power) % 255] : 0), 0);
  const evaluator = Array.from({ length: ecc }, (_, n) => locator.reduce((sum, value, i) => (i <= n ? sum ^ times(value, syndromes[n - i]) : sum), 0));
  const slope = locator.map((value, n) => (n % 2 ? value : 0)).slice(1); // the derivative: odd powers, one lower
  const fixed = Uint8Array.from(block);
  let found = 0;
  for (let n = 0; n < block.length; n += 1) {
    const power = block.length - 1 - n;
    const inverse = (255 - power) % 255;
    if (at(locator, inverse) !== 0) continue;
    const below = at(slope, inverse);
    if (!below) return null;
    fixed[n] ^= times(times(at(evaluator, inverse), EXP[power]), EXP[(255 - LOG[below]) % 255]);
    found += 1;
  }
  if (found !== length) return null;
  return Array.from({ length: ecc }, (_, n) => fixed.reduce((sum, byte) => times(sum, EXP[n]) ^ byte, 0)).every((one) => one === 0) ? fixed : null;
}

const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/** The text of a small code of capitals and figures: eleven bits for two of them. */
function letters(data) {
  let at = 4;
  const bits = (count) => {
    let value = 0;
    for (let n = 0; n < count; n += 1, at += 1) value = (value << 1) | ((data[at >> 3] >> (7 - (at & 7))) & 1);
    return value;
  };
  const length = bits(9);
  if (4 + 9 + Math.ceil(length * 5.5) > data.length * 8) return null;
  let text = "";
  for (let n = 0; n < length; n += 2) {
    const pair = bits(n + 1 < length ? 11 : 6);
    text += n + 1 < length ? `${LETTERS[Math.floor(pair / 45)]}${LETTERS[pair % 45]}` : LETTERS[pair];
  }
  return text;
}

/** The text of byte mode, or of capitals and figures in a small code; null for any other. */
function message(data, version) {
  const long = version >= 10;
  const nibble = (n) => (n % 2 ? data[n >> 1] & 15 : data[n >> 1] >> 4);
  if (nibble(0) === 2 && version < 10) return letters(data);
  if (nibble(0) !== 4) return null;
  const length = long ? (nibble(1) << 12) | (nibble(2) << 8) | (nibble(3) << 4) | nibble(4) : (nibble(1) << 4) | nibble(2);
  const from = long ? 5 : 3;
  if ((from + 2 * length + 1) >> 1 > data.length) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from({ length }, (_, n) => (nibble(from + 2 * n) << 4) | nibble(from + 2 * n + 1)));
  } catch {
    return null;
  }
}
