/** A turn that comes so little late, ms, doesn't put off those after it. */
const LATE = 20;

/** Spaces the beginnings of transfers evenly. */
export class Pace {
  #last = -Infinity;

  /** When the next one may begin. `rate`: a second; 0 means no limit. */
  next(rate: number): number {
    return rate === 0 ? -Infinity : this.#last + 1000 / rate;
  }

  /** One begins. */
  begin(now: number, rate: number): void {
    if (rate === 0) return;
    const due = this.next(rate);
    this.#last = now - due < LATE ? due : now;
  }
}
