import type {Clock} from '../core/clock.js';
import {newHash} from '../core/digest.js';
import {examine} from '../compose/stored-content.js';
import type {Entry} from './entry-book.js';
import type {StreamShelf} from './stream-shelf.js';
import {WarmContents} from './warm-contents.js';

/** What is known of a content without a look at the disk. */
interface Known {
  readonly path: string;
  /** When it was seen in its place, by `clock.now()`. */
  readonly looked: number;
  /** How many bytes had been read from the disk when it had been read last. */
  readAt: number;
}

/** The largest content that is read in one go, bytes. */
export const LARGEST_SMALL = 256 * 1024;
/** Bytes kept in memory. */
const LIMIT = 32 * 1024 * 1024;
/** How long a content is believed to be where it was, ms. */
const LOOK = 10_000;
/** Contents remembered. */
const MOST_KNOWN = 16_384;

/**
 * Small contents, read in one go or not at all: those asked for again and again are kept in memory, verified. A content
 * gets there when no more than what fits was read since it was read last; so a walk over everything pushes nothing out.
 */
export class SmallContents {
  readonly #shelf: StreamShelf;
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #warm: WarmContents;
  readonly #known = new Map<string, Known>();
  #read = 0;

  /** `limit`: bytes in memory. */
  constructor(shelf: StreamShelf, clock: Clock, limit = LIMIT) {
    this.#shelf = shelf;
    this.#clock = clock;
    this.#limit = limit;
    this.#warm = new WarmContents(limit);
  }

  /**
   * The bytes, into which nobody may write; undefined when the content is large, gone or damaged: a damaged one is
   * removed. @throws WriterError
   */
  async get(entry: Entry): Promise<Buffer | undefined> {
    if (entry.size > LARGEST_SMALL) return undefined;
    const {hex} = entry.digest;
    const known = this.#recent(hex) ?? await this.#look(entry);
    const body = known && (this.#warm.get(hex) ?? await this.#fetch(entry, known));
    if (body === undefined) this.#forget(hex);
    return body;
  }

  #recent(hex: string): Known | undefined {
    const known = this.#known.get(hex);
    return known !== undefined && this.#clock.now() - known.looked < LOOK ? known : undefined;
  }

  /** Sees whether it is there, and lets the disk know that it is used. */
  async #look({digest, size}: Entry): Promise<Known | undefined> {
    const found = await this.#shelf.find(digest);
    if (found?.entry.size !== size) return undefined;
    await this.#shelf.used(found);
    const {hex} = digest;
    const known = {path: found.path, looked: this.#clock.now(), readAt: this.#known.get(hex)?.readAt ?? -Infinity};
    this.#known.delete(hex);
    this.#known.set(hex, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest);
    return known;
  }

  async #fetch({digest, size}: Entry, known: Known): Promise<Buffer | undefined> {
    const body = await this.#shelf.whole(known.path, size);
    if (body === undefined) return undefined;
    this.#read += size;
    const isWanted = this.#read - known.readAt <= this.#limit;
    known.readAt = this.#read;
    if (!isWanted) return body;
    if (newHash(digest.algorithm).update(body).digest('hex') !== digest.hex) {
      await examine(this.#shelf, digest);
      return undefined;
    }
    this.#warm.put(digest.hex, body);
    return body;
  }

  #forget(hex: string): void {
    this.#known.delete(hex);
    this.#warm.drop(hex);
  }
}
