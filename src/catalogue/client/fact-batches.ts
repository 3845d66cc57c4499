import {onlyKeys, wholeNumber} from '../../core/options.js';
import type {Fact, PublishOptions, ReleaseCatalogue, WriteResult} from '../contract.js';

/** How many facts are published in batches. */
export interface BatchOptions extends PublishOptions {
  /** Facts of one batch, which is all or nothing. @default 1000 */
  readonly batch?: number | undefined;
}

/** What batches of facts came to. */
export interface BatchesResult {
  readonly batches: number;
  readonly facts: number;
  /** The release's version after the last batch; undefined when there was none. */
  readonly version: number | undefined;
}

/**
 * Publishes any number of facts, as they come, a batch after another. A fault ends it, and the batches before it stay: to
 * publish all again is harmless. With a `requestId` each batch has it with its number: `nightly.1`, `nightly.2`.
 */
export async function publishBatches(catalogue: Pick<ReleaseCatalogue, 'publish'>, name: string,
  facts: Iterable<Fact> | AsyncIterable<Fact>, options: BatchOptions): Promise<BatchesResult> {
  const {batch = 1000, requestId, ...rest} = options;
  onlyKeys('options', rest, ['actor', 'signal', 'create', 'perItem']);
  const size = wholeNumber('batch', batch, 1);
  let [batches, count] = [0, 0];
  let last: WriteResult | undefined;
  let waiting: Fact[] = [];
  const send = async (): Promise<void> => {
    batches++;
    count += waiting.length;
    last = await catalogue.publish(name, waiting, {...rest, ...requestId !== undefined && {requestId: `${requestId}.${batches}`}});
    waiting = [];
  };
  for await (const fact of facts) {
    waiting.push(fact);
    if (waiting.length === size) await send();
  }
  if (waiting.length > 0) await send();
  return {batches, facts: count, version: last?.version};
}
