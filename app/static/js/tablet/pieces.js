// A courier's file as a sequence of QR codes: YH1.<mark>.<number>.<count>.<piece>; read in any order, repeated or not.
import { base64url, sha256, unbase64 } from "./vault.js";

const PIECE = 800;
const SHAPE = /^YH1\.([0-9a-f]{8})\.(\d{1,4})\.(\d{1,4})\.([A-Za-z0-9_-]{1,800})$/;

async function through(bytes, stream) {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

/** The texts of the codes for a file. */
export async function cut(file) {
  const bytes = new TextEncoder().encode(file);
  const whole = base64url(await through(bytes, new CompressionStream("deflate-raw")));
  const mark = (await sha256(bytes)).slice(0, 8);
  const count = Math.ceil(whole.length / PIECE);
  return Array.from({ length: count }, (_, n) => `YH1.${mark}.${n + 1}.${count}.${whole.slice(n * PIECE, (n + 1) * PIECE)}`);
}

/** Collects codes until a file is whole. */
export class Collector {
  constructor() {
    this.files = new Map();
  }

  /** Take one code's text; `{have, count}`, or `{file}` when it was the last one, or null when it is none of ours. */
  async take(text) {
    const found = SHAPE.exec(text);
    if (!found) return null;
    const [, mark, number, count, piece] = found;
    const parts = this.files.get(`${mark}.${count}`) ?? new Map();
    this.files.set(`${mark}.${count}`, parts);
    parts.set(Number(number), piece);
    if (parts.size < Number(count)) return { have: parts.size, count: Number(count) };
    const whole = Array.from({ length: Number(count) }, (_, n) => parts.get(n + 1) ?? "").join("");
    const bytes = await through(unbase64(whole), new DecompressionStream("deflate-raw"));
    if ((await sha256(bytes)).slice(0, 8) !== mark) {
      this.files.delete(`${mark}.${count}`);
      return null;
    }
    return { file: new TextDecoder().decode(bytes) };
  }
}
