import {FileExists} from '../core/errors.js';
import {collisionKey} from '../core/file-name.js';

/**
 * The target paths of a batch. Two that would be one file, on this or on another file system (the same path, another
 * case, another Unicode form), are found before a byte moves. It keeps one text a path.
 */
export class TargetNames {
  readonly #taken = new Map<string, number>();
  readonly #kind: string;

  /** @param kind What items are called in messages. */
  constructor(kind = 'items') {
    this.#kind = kind;
  }

  /** How many are taken. */
  get size(): number {
    return this.#taken.size;
  }

  /**
   * Takes a path for an item.
   *
   * @param path absolute @param item what to call its owner in a message: a line number, a place in the batch
   * @throws FileExists when another item has it
   */
  claim(path: string, item: number): void {
    const key = collisionKey(path);
    const owner = this.#taken.get(key);
    if (owner !== undefined) {
      const why = `${this.#kind} ${owner} and ${item}; upper and lower case count as equal`;
      throw new FileExists(`two ${this.#kind} would be one file (${why}): ${path}`, path);
    }
    this.#taken.set(key, item);
  }
}
