import {CLEANUP_RULES, type CleanupReport, type CleanupRule} from './cleanup-contract.js';

/** Counts what a cleanup does. */
export class CleanupTally {
  looked = 0;
  marked = 0;
  cleared = 0;
  overtaken = 0;
  kept = 0;
  /** A removal was sent, and nobody knows whether it was made. */
  unknown = false;
  #rows = 0;
  readonly #removed = Object.fromEntries(CLEANUP_RULES.map((rule) => [rule, 0])) as Record<CleanupRule, number>;

  removed(rules: readonly CleanupRule[]): void {
    this.#rows++;
    for (const rule of rules) this.#removed[rule]++;
  }

  /** One that was put back at once. */
  putBack(rules: readonly CleanupRule[]): void {
    this.#rows--;
    this.overtaken++;
    for (const rule of rules) this.#removed[rule]--;
  }

  report(run: string, applied: boolean, reason: string | undefined): CleanupReport {
    const {looked, marked, cleared, overtaken, kept} = this;
    return Object.freeze({
      run: applied && (this.#rows > 0 || this.unknown) ? run : undefined, applied, outcome: reason === undefined ? 'complete' : 'incomplete', reason,
      looked, rows: this.#rows, removed: Object.freeze({...this.#removed}), marked, cleared, overtaken, kept,
    });
  }
}
