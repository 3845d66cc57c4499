import {outOfRange} from '../../core/options.js';
import type {LayerName, PutBack, StoreUpkeep} from '../upkeep-contract.js';
import type {UndoReport} from './cleanup-contract.js';
import type {KeptValues} from './kept-values.js';

/** What is undone. */
export interface CleanupUndoOptions {
  readonly run: string;
  readonly kept: KeptValues;
  /** Epoch ms. */
  readonly time: number;
}

/** Entries of the log in one transaction. */
const BATCH = 500;

/** Puts back what one run removed. */
export class CleanupUndo {
  readonly #is: CleanupUndoOptions;
  readonly #counts = {restored: 0, overtaken: 0, lost: 0};
  #entries = 0;

  constructor(options: CleanupUndoOptions) {
    this.#is = options;
  }

  /** One layer of a store. @throws LocalReadOnly, StoreFault */
  async layer(layer: LayerName, upkeep: StoreUpkeep, identity: () => Promise<string>): Promise<void> {
    const {run, kept, time} = this.#is;
    for (let after = 0; ;) {
      const entries = await upkeep.logged(layer, run, after, BATCH);
      this.#entries += entries.length;
      const back: PutBack[] = [];
      for (const entry of entries.filter(({undone}) => !undone)) {
        const value = entry.value ? await kept.open(await identity(), entry, entry) : undefined;
        if (entry.value && value === undefined) this.#counts.lost++;
        else back.push({number: entry.number, value, exception: entry.exception});
      }
      const done = back.length === 0 ? new Set() : await upkeep.putBack(layer, run, time, back);
      this.#counts.restored += done.size;
      this.#counts.overtaken += back.length - done.size;
      const last = entries.at(-1);
      if (last === undefined || entries.length < BATCH) return;
      after = last.number;
    }
  }

  /** @throws RangeError when no store's log knows the run */
  report(): UndoReport {
    if (this.#entries === 0) throw outOfRange('run', this.#is.run, 'a run that the log knows');
    return Object.freeze({run: this.#is.run, ...this.#counts});
  }
}
