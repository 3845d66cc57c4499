import type {Clock} from '../core/clock.js';
import {duration, onlyKeys, wholeNumber} from '../core/options.js';
import type {PruneOptions, PruneResult} from './contract.js';
import type {CatalogueStore} from './store-contract.js';

const DAY = 24 * 60 * 60 * 1000;
/** How much longer it stands back after it met others at work. */
const STEP_BACK = 10;

/**
 * Drops old bodies and requests, in short transactions by primary key, and steps back while others write. The rows stay, so
 * that no number is missing; a patch whose base was dropped is told so (PrunedAncestor).
 */
export async function prune(store: CatalogueStore, clock: Clock, options: PruneOptions): Promise<PruneResult> {
  onlyKeys('options', options, ['olderThan', 'keep', 'batch', 'pause', 'signal']);
  const before = Math.floor(clock.time() - duration('olderThan', options.olderThan, 90 * DAY));
  const keep = wholeNumber('keep', options.keep ?? 10, 1);
  const limit = wholeNumber('batch', options.batch ?? 500, 1);
  const pause = duration('pause', options.pause, 50);
  const {signal} = options;
  /** One transaction after the other, until one has nothing left to look at. */
  const inBatches = async (step: () => Promise<boolean>): Promise<void> => {
    for (;;) {
      signal?.throwIfAborted();
      const met = store.contentions;
      if (!await step()) return;
      await clock.wait(store.contentions > met ? pause * STEP_BACK : pause, signal);
    }
  };
  let [bodies, requests] = [0, 0];
  let after = 0;
  await inBatches(async () => {
    const {count, last} = await store.write((transaction) => transaction.pruneBodies({after, before, keep, limit}), {signal});
    bodies += count;
    after = last ?? after;
    return last !== undefined;
  });
  await inBatches(async () => {
    const count = await store.write((transaction) => transaction.pruneRequests(before, limit), {signal});
    requests += count;
    return count === limit;
  });
  return {bodies, requests};
}
