import type {Reply, SequenceStart, Validation} from '../core/contract.js';
import {ValidationError} from '../core/errors.js';

const NOTHING = new Uint8Array();

/**
 * A validation that looks at the first bytes and at nothing after them. As soon as it has seen enough it forgets them
 * and costs one comparison a chunk.
 */
export abstract class HeadValidation implements Validation {
  readonly enforced: boolean;
  readonly #reach: number;
  #state: 'unbegun' | 'looking' | 'accepted' = 'unbegun';
  #head: Uint8Array = NOTHING;
  /** Where the head is gathered when it comes in several chunks. */
  #gathered: Uint8Array | undefined;

  /** @param reach the most bytes that are ever looked at */
  protected constructor(enforced: boolean, reach: number) {
    this.enforced = enforced;
    this.#reach = reach;
  }

  begin({reply}: SequenceStart): void {
    this.#state = 'unbegun';
    this.#forget();
    if (reply !== undefined) this.lookAtReply?.(reply);
    this.#state = 'looking';
  }

  update(chunk: Uint8Array): void {
    if (this.#state !== 'looking') return;
    this.#gather(chunk.subarray(0, this.#reach - this.#head.length));
    this.#look(this.#head.length === this.#reach);
  }

  /** @throws MismatchError; ValidationError when no byte sequence was begun */
  apply(): void {
    if (this.#state === 'unbegun') throw new ValidationError('the first bytes were judged before any were begun');
    if (this.#state === 'looking') this.#look(true);
  }

  /** Judges the headers. @throws MismatchError */
  protected lookAtReply?(reply: Reply): void;

  /**
   * Judges what has come of the first bytes.
   *
   * @param ended no more will be shown
   * @returns true: they are accepted; false: more must be seen, which counts as true when there is no more
   * @throws MismatchError
   */
  protected abstract look(head: Uint8Array, ended: boolean): boolean;

  #look(ended: boolean): void {
    if (!this.look(this.#head, ended) && !ended) return;
    this.#state = 'accepted';
    this.#forget();
  }

  #gather(piece: Uint8Array): void {
    if (this.#head.length === 0) {
      this.#head = piece;
      return;
    }
    const gathered = this.#gathered ??= new Uint8Array(this.#reach);
    if (this.#head.buffer !== gathered.buffer) gathered.set(this.#head);
    gathered.set(piece, this.#head.length);
    this.#head = gathered.subarray(0, this.#head.length + piece.length);
  }

  #forget(): void {
    this.#head = NOTHING;
    this.#gathered = undefined;
  }
}
