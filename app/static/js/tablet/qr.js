// QR codes (ISO/IEC 18004, byte mode, error correction L) drawn by the tablet itself: there is no network to ask.
const ECC_PER_BLOCK = [0, 7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26];
const BLOCKS = [0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12];
const LARGEST = ECC_PER_BLOCK.length - 1;

// ---- arithmetic in GF(256) with the polynomial x⁸+x⁴+x³+x²+1
export const [EXP, LOG] = [new Uint8Array(512), new Uint8Array(256)];
for (let n = 0, value = 1; n < 255; n += 1) {
  EXP[n] = EXP[n + 255] = value;
  LOG[value] = n;
  value = (value << 1) ^ (value & 0x80 ? 0x11d : 0);
}
export const times = (a, b) => (a && b ? EXP[LOG[a] + LOG[b]] : 0);

function remainder(data, length) {
  let divisor = [1];
  for (let n = 0; n < length; n += 1) {
    divisor = [...divisor, 0].map((value, place) => value ^ (place ? times(divisor[place - 1], EXP[n]) : 0));
  }
  const rest = new Uint8Array(length);
  for (const byte of data) {
    const factor = byte ^ rest[0];
    rest.copyWithin(0, 1);
    rest[length - 1] = 0;
    if (factor) for (let n = 0; n < length; n += 1) rest[n] ^= times(divisor[n + 1], factor);
  }
  return rest;
}

/** How many bytes, data and correction together, a version holds. */
export function codewords(version) {
  let modules = (16 * version + 128) * version + 64;
  if (version >= 2) {
    const marks = Math.floor(version / 7) + 2;
    modules -= (25 * marks - 10) * marks - 55;
    if (version >= 7) modules -= 36;
  }
  return Math.floor(modules / 8);
}

/** Blocks of a version and the correction bytes of each. */
export const shape = (version) => ({ count: BLOCKS[version], ecc: ECC_PER_BLOCK[version] });

const room = (version) => codewords(version) - ECC_PER_BLOCK[version] * BLOCKS[version];

function pack(bytes, version) {
  const bits = [];
  const put = (value, length) => {
    for (let n = length - 1; n >= 0; n -= 1) bits.push((value >>> n) & 1);
  };
  put(4, 4);
  put(bytes.length, version < 10 ? 8 : 16);
  for (const byte of bytes) put(byte, 8);
  const total = room(version) * 8;
  put(0, Math.min(4, total - bits.length));
  put(0, (8 - (bits.length % 8)) % 8);
  for (let pad = 0xec; bits.length < total; pad ^= 0xfd) put(pad, 8);
  return Uint8Array.from({ length: total / 8 }, (_, n) => bits.slice(n * 8, n * 8 + 8).reduce((value, bit) => (value << 1) | bit, 0));
}

/** Data and correction of all blocks, interleaved as they are drawn. */
function interleave(data, version) {
  const [count, ecc, all] = [BLOCKS[version], ECC_PER_BLOCK[version], codewords(version)];
  const short = Math.floor(all / count) - ecc;
  const long = all % count;
  const blocks = [];
  for (let n = 0, from = 0; n < count; n += 1) {
    const length = short + (n < count - long ? 0 : 1);
    const part = data.subarray(from, from + length);
    from += length;
    blocks.push([part, remainder(part, ecc)]);
  }
  const out = [];
  for (let n = 0; n <= short; n += 1) for (const [part] of blocks) if (n < part.length) out.push(part[n]);
  for (let n = 0; n < ecc; n += 1) for (const [, rest] of blocks) out.push(rest[n]);
  return out;
}

const MASKS = [
  (x, y) => (x + y) % 2, (x, y) => y % 2, (x) => x % 3, (x, y) => (x + y) % 3, (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
  (x, y) => ((x * y) % 2) + ((x * y) % 3), (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2, (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
];

class Drawing {
  constructor(version) {
    this.version = version;
    this.size = version * 4 + 17;
    this.dark = new Uint8Array(this.size ** 2);
    this.fixed = new Uint8Array(this.size ** 2);
    this.patterns();
  }

  set(x, y, dark) {
    this.dark[y * this.size + x] = dark ? 1 : 0;
    this.fixed[y * this.size + x] = 1;
  }

  patterns() {
    const { size, version } = this;
    for (let n = 0; n < size; n += 1) {
      this.set(6, n, n % 2 === 0);
      this.set(n, 6, n % 2 === 0);
    }
    for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]]) this.finder(x, y);
    const places = alignments(version);
    const last = places.length - 1;
    places.forEach((x, i) => places.forEach((y, j) => {
      if ((i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0)) return;
      for (let dy = -2; dy <= 2; dy += 1) for (let dx = -2; dx <= 2; dx += 1) this.set(x + dx, y + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
    }));
    this.format(0);
    if (version < 7) return;
    let rest = version;
    for (let n = 0; n < 12; n += 1) rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25);
    const bits = (version << 12) | rest;
    for (let n = 0; n < 18; n += 1) {
      const [a, b] = [size - 11 + (n % 3), Math.floor(n / 3)];
      this.set(a, b, (bits >>> n) & 1);
      this.set(b, a, (bits >>> n) & 1);
    }
  }

  finder(cx, cy) {
    for (let dy = -4; dy <= 4; dy += 1) {
      for (let dx = -4; dx <= 4; dx += 1) {
        const [x, y, ring] = [cx + dx, cy + dy, Math.max(Math.abs(dx), Math.abs(dy))];
        if (x >= 0 && x < this.size && y >= 0 && y < this.size) this.set(x, y, ring !== 2 && ring !== 4);
      }
    }
  }

  format(mask) {
    const { size } = this;
    const data = (1 << 3) | mask; // 01: error correction L
    let rest = data;
    for (let n = 0; n < 10; n += 1) rest = (rest << 1) ^ ((rest >>> 9) * 0x537);
    const bits = ((data << 10) | rest) ^ 0x5412;
    const bit = (n) => (bits >>> n) & 1;
    for (let n = 0; n <= 5; n += 1) this.set(8, n, bit(n));
    this.set(8, 7, bit(6));
    this.set(8, 8, bit(7));
    this.set(7, 8, bit(8));
    for (let n = 9; n < 15; n += 1) this.set(14 - n, 8, bit(n));
    for (let n = 0; n < 8; n += 1) this.set(size - 1 - n, 8, bit(n));
    for (let n = 8; n < 15; n += 1) this.set(8, size - 15 + n, bit(n));
    this.set(8, size - 8, 1);
  }

  /** The data modules in the order of their bits: up and down in columns of two, from the right. */
  *places() {
    const { size } = this;
    for (let right = size - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5;
      for (let step = 0; step < size; step += 1) {
        for (let j = 0; j < 2; j += 1) {
          const x = right - j;
          const y = ((right + 1) & 2) === 0 ? size - 1 - step : step;
          if (!this.fixed[y * size + x]) yield [x, y];
        }
      }
    }
  }

  fill(bytes) {
    let n = 0;
    for (const [x, y] of this.places()) {
      if (n >= bytes.length * 8) return;
      this.dark[y * this.size + x] = (bytes[n >>> 3] >>> (7 - (n & 7))) & 1;
      n += 1;
    }
  }

  mask(number) {
    for (let y = 0; y < this.size; y += 1) {
      for (let x = 0; x < this.size; x += 1) {
        if (!this.fixed[y * this.size + x] && MASKS[number](x, y) === 0) this.dark[y * this.size + x] ^= 1;
      }
    }
    this.format(number);
  }
}

/** Middles of the alignment patterns along a side. */
export function alignments(version) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2;
  const places = [6];
  for (let place = version * 4 + 10; places.length < count; place -= step) places.splice(1, 0, place);
  return places;
}

const orders = new Map();

/** Every data module in the order its bits are read: its place, and whether the mask turns it. */
export function dataOrder(version, mask) {
  const name = `${version}.${mask}`;
  if (!orders.has(name)) {
    const drawing = new Drawing(version);
    const places = [...drawing.places()].slice(0, codewords(version) * 8);
    orders.set(name, places.map(([x, y]) => [y * drawing.size + x, MASKS[mask](x, y) === 0 ? 1 : 0]));
  }
  return orders.get(name);
}

/** The modules of a QR code of `text`: `{size, dark}` row by row. Raises when the text is too long for version 25. */
export function qr(text) {
  const bytes = new TextEncoder().encode(text);
  let version = 1;
  while (version <= LARGEST && room(version) * 8 < 4 + (version < 10 ? 8 : 16) + bytes.length * 8) version += 1;
  if (version > LARGEST) throw new Error("too long");
  const drawing = new Drawing(version);
  drawing.fill(interleave(pack(bytes, version), version));
  drawing.mask(0); // any mask can be read; the checkerboard suits compressed data
  return { size: drawing.size, dark: drawing.dark };
}

/** Draw a code on a canvas with the quiet zone of four modules. */
export function paint(canvas, text) {
  const { size, dark } = qr(text);
  const whole = size + 8;
  const scale = Math.max(1, Math.floor(canvas.width / whole));
  const edge = Math.floor((canvas.width - whole * scale) / 2) + 4 * scale;
  const ink = canvas.getContext("2d");
  ink.fillStyle = "#fff";
  ink.fillRect(0, 0, canvas.width, canvas.height);
  ink.fillStyle = "#000";
  for (let y = 0; y < size; y += 1) for (let x = 0; x < size; x += 1) if (dark[y * size + x]) ink.fillRect(edge + x * scale, edge + y * scale, scale, scale);
}
