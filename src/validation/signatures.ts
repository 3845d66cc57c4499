/** Bytes that stand at a fixed place in a file. */
export interface Signature {
  /** Bytes before it. */
  readonly offset: number;
  /** What is compared; zero where `mask` is. */
  readonly bytes: Uint8Array;
  /** Which bits of each byte count. */
  readonly mask: Uint8Array;
}

/**
 * What files begin with: hex digits, `?` for any digit, `@` and the offset at the end. A kind with several has one of them.
 * They are those of file(1) and of the formats' own specifications.
 */
const KNOWN = {
  '7z': ['377abcaf271c'],
  ar: ['213c617263683e0a'],
  bzip2: ['425a683?'],
  cab: ['4d53434600000000'],
  deb: ['213c617263683e0a64656269616e2d62696e617279'],
  elf: ['7f454c46'],
  exe: ['4d5a'],
  gif: ['474946383761', '474946383961'],
  gzip: ['1f8b08'],
  jpeg: ['ffd8ff'],
  lz4: ['04224d18'],
  lzip: ['4c5a4950'],
  pdf: ['255044462d'],
  png: ['89504e470d0a1a0a'],
  rpm: ['edabeedb'],
  sqlite: ['53514c69746520666f726d6174203300'],
  tar: ['7573746172@257'],
  wasm: ['0061736d'],
  webp: ['52494646????????57454250'],
  xz: ['fd377a585a00'],
  /** With entries, without any, and split (APPNOTE 4.3). */
  zip: ['504b0304', '504b0506', '504b0708'],
  /** A frame, or a skippable one in front of it (RFC 8878, 3.1). */
  zstd: ['28b52ffd', '5?2a4d18'],
} as const;

/** A kind of file that is known by its first bytes. */
export type FileKind = keyof typeof KNOWN;

/** Every kind, sorted. */
export const FILE_KINDS: readonly FileKind[] = Object.freeze(Object.keys(KNOWN).sort() as FileKind[]);

/** The signatures of a kind, of which a file has one. */
export function signaturesOf(kind: FileKind): Signature[] {
  return KNOWN[kind].map((pattern) => {
    const [digits = '', offset = '0'] = pattern.split('@');
    return {
      offset: Number(offset),
      bytes: Buffer.from(digits.replaceAll('?', '0'), 'hex'),
      mask: Buffer.from(digits.replace(/[^?]/g, 'f').replaceAll('?', '0'), 'hex'),
    };
  });
}

/** How a head compares: `no` as soon as one byte differs, `partly` while bytes are missing. */
export function compare({offset, bytes, mask}: Signature, head: Uint8Array): 'yes' | 'no' | 'partly' {
  for (let at = 0; at < bytes.length; at++) {
    const byte = head[offset + at];
    if (byte === undefined) return 'partly';
    if ((byte & (mask[at] ?? 0)) !== bytes[at]) return 'no';
  }
  return 'yes';
}
