/** Clean finishes for one transfer more at once. */
const CLEAN = 10;

/**
 * How many transfers at once an origin bears: up to the limit; half after it asked for patience, one less after a time
 * limit that only some ran into, one more after ten that finished well. Never below 1. Several setbacks of transfers
 * that ran at the same time count once.
 */
export class AdaptiveLimit {
  #lowered: number | undefined;
  #clean = 0;
  #loweredAt = -1;

  /** Whether it is below the limit. */
  get isLowered(): boolean {
    return this.#lowered !== undefined;
  }

  /** How many now; `most` is the limit. */
  now(most: number): number {
    return Math.min(this.#lowered ?? most, most);
  }

  /** @param began the event at which the transfer began @param event the number of this one */
  halve(most: number, began: number, event: number): void {
    this.#lower(Math.floor(this.now(most) / 2), began, event);
  }

  /** One less; parameters as for `halve`. */
  lowerByOne(most: number, began: number, event: number): void {
    this.#lower(this.now(most) - 1, began, event);
  }

  /** A transfer finished well. */
  finished(most: number): void {
    if (this.#lowered === undefined || ++this.#clean < CLEAN) return;
    this.#clean = 0;
    this.#lowered++;
    if (this.#lowered >= most) this.#lowered = undefined;
  }

  #lower(to: number, began: number, event: number): void {
    if (began < this.#loweredAt) return;
    this.#lowered = Math.max(1, to);
    this.#loweredAt = event;
    this.#clean = 0;
  }
}
