import {newHash, type NamedDigest} from '../core/digest.js';
import {DigestMismatch, Interrupted} from '../core/errors.js';
import {DigestSet} from '../monitor/digest-set.js';
import {systemCode} from '../writer/disk-fault.js';
import type {ContentShelf, Found} from './content-shelf.js';

/** How a content is. `damaged`: its bytes were not those of the digest, or could not be read; it is removed by now. */
export type Condition = 'good' | 'damaged' | 'absent';

/** How a content is read. */
export interface ReadOptions {
  /** `false`: the bytes go by unseen, for a caller who makes the digest anyway. @default true */
  readonly verify?: boolean | undefined;
}

/** Content of a store, found by a digest. */
export class StoredContent {
  /** What it was asked for by. */
  readonly digest: NamedDigest;
  /** What it is kept under. */
  readonly key: NamedDigest;
  /** Where it is. Read it, never write to it: others rely on its bytes. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly #shelf: ContentShelf;

  constructor(shelf: ContentShelf, digest: NamedDigest, found: Found) {
    this.#shelf = shelf;
    this.digest = digest;
    this.key = found.key;
    this.path = found.path;
    this.size = found.entry.size;
  }

  /**
   * The bytes, verified while they go by: what is wrong with them is known, and thrown, only at the end. Then the
   * content is removed from the store.
   *
   * @throws DigestMismatch of class `restart-free`, Interrupted when the medium gives no more, WriterError
   */
  async *read({verify = true}: ReadOptions = {}): AsyncIterable<Uint8Array> {
    const {algorithm, hex} = this.digest;
    const hash = verify ? newHash(algorithm) : undefined;
    let size = 0;
    try {
      for await (const chunk of this.#shelf.read(this.path)) {
        hash?.update(chunk);
        size += chunk.byteLength;
        yield chunk;
      }
    } catch (error) {
      if (systemCode(error) !== 'EIO') throw error;
      if (verify) await examine(this.#shelf, this.digest);
      throw new Interrupted(`the content can't be read beyond byte ${size}: ${this.path}`, this.size, size, {cause: error, class: 'restart-free'});
    }
    const actual = hash?.digest('hex') ?? hex;
    if (actual === hex) return;
    await examine(this.#shelf, this.digest);
    throw new DigestMismatch(`${algorithm} of ${this.path}: expected ${hex}, got ${actual}; it is removed from the store`,
      algorithm, hex, actual, {class: 'restart-free'});
  }
}

/** Reads a content and removes it when it is damaged, or its pointer when that one lies. @throws WriterError */
export async function examine(shelf: ContentShelf, digest: NamedDigest): Promise<Condition> {
  const found = await shelf.find(digest);
  if (found === undefined) return 'absent';
  const digests = new DigestSet();
  for (const {algorithm} of [found.key, digest]) digests.request(algorithm);
  try {
    for await (const chunk of shelf.read(found.path)) digests.update(chunk);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return 'absent';
    if (code !== 'EIO') throw error;
    await shelf.unlink(found.path);
    return 'damaged';
  }
  digests.finish();
  if (digests.hex(found.key.algorithm) !== found.key.hex) await shelf.unlink(found.path);
  else if (digests.hex(digest.algorithm) === digest.hex) return 'good';
  if (found.pointer !== undefined) await shelf.unlink(found.pointer);
  return 'damaged';
}
