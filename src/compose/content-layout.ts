import {join, resolve} from 'node:path';
import {parseDigest, type NamedDigest} from '../core/digest.js';
import {namesIn} from './folder-entries.js';

/** A file of a store and the digest that its name stands for. */
export interface ContentEntry {
  readonly digest: NamedDigest;
  readonly path: string;
}

/** A pointer is one line; what is longer is none. */
export const LONGEST_POINTER = 512;

/**
 * Where things are in a store's folder (docs/reference/compose.md). The versions belong to the format on disk: another
 * format gets another folder, and nobody has to convert anything.
 */
export class ContentLayout {
  readonly folder: string;
  /** Files that are being written. */
  readonly temporary: string;
  readonly #contents: string;
  readonly #pointers: string;

  constructor(folder: string) {
    this.folder = resolve(folder);
    this.temporary = join(this.folder, 'tmp');
    this.#contents = join(this.folder, 'content-v1');
    this.#pointers = join(this.folder, 'index-v1');
  }

  /** `content-v1/sha256/ab/cd/<the rest>`: the bytes. */
  content(digest: NamedDigest): string {
    return join(this.#contents, ...parts(digest));
  }

  /** `index-v1/sha512/ab/cd/<the rest>`: under which digest these bytes are kept. */
  pointer(digest: NamedDigest): string {
    return join(this.#pointers, ...parts(digest));
  }

  /** Every content, by digest. @throws WriterError */
  contents(): AsyncIterable<ContentEntry> {
    return entries(this.#contents);
  }

  /** Every pointer, by digest. @throws WriterError */
  pointers(): AsyncIterable<ContentEntry> {
    return entries(this.#pointers);
  }
}

/** What a pointer to that digest holds. */
export function pointerText({algorithm, hex}: NamedDigest): string {
  return `${algorithm} ${hex}\n`;
}

/** What a pointer says; undefined when it was cut or altered. */
export function readPointer(text: string): NamedDigest | undefined {
  const [, algorithm, hex] = /^([a-z0-9-]+) ([0-9a-f]+)\n$/.exec(text) ?? [];
  return algorithm === undefined || hex === undefined ? undefined : digestOf(algorithm, hex);
}

function parts({algorithm, hex}: NamedDigest): string[] {
  return [algorithm, hex.slice(0, 2), hex.slice(2, 4), hex.slice(4)];
}

/** Names that no store of this format made are passed over. */
async function *entries(root: string): AsyncIterable<ContentEntry> {
  for (const algorithm of await namesIn(root)) {
    for (const first of await foldersIn(root, algorithm)) {
      for (const second of await foldersIn(root, algorithm, first)) {
        for (const rest of await namesIn(join(root, algorithm, first, second))) {
          const digest = digestOf(algorithm, first + second + rest);
          if (digest !== undefined) yield {digest, path: join(root, algorithm, first, second, rest)};
        }
      }
    }
  }
}

async function foldersIn(...path: readonly string[]): Promise<string[]> {
  return (await namesIn(join(...path))).filter((name) => /^[0-9a-f]{2}$/.test(name));
}

function digestOf(algorithm: string, hex: string): NamedDigest | undefined {
  try {
    return parseDigest(algorithm, hex) === hex ? {algorithm, hex} : undefined;
  } catch {
    return undefined;
  }
}
