/** Bytes that show a mix-up of places: they repeat themselves after 16 MiB only. Another seed gives other bytes. */
export function patterned(size: number, seed = 0): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  for (let at = 0; at < size; at++) bytes[at] = (at * 31 + (at >> 8) * 17 + (at >> 16) * 13 + seed) & 0xff;
  return bytes;
}

/** Cuts bytes into pieces of `step`; copies, so that the pieces belong to whoever gets them. */
export function split(bytes: Uint8Array, step: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.byteLength; at += step) pieces.push(Buffer.from(bytes.subarray(at, at + step)));
  return pieces;
}
