import type {ContextView} from '../core/contract.js';
import type {DownloadWatch} from './download-watch.js';
import type {HeadProbes} from './head-probes.js';
import type {Metrics} from './metrics.js';
import type {NegativeCache} from './negative-cache.js';
import type {StreamStore} from './stream-store.js';
import type {CheckedOptions} from './streamer-options.js';
import type {Transfers} from './transfers.js';

/** What the exchanges of one streamer share. */
export interface ExchangeParts {
  readonly options: CheckedOptions;
  readonly context: ContextView;
  readonly store: StreamStore | undefined;
  readonly transfers: Transfers;
  readonly heads: HeadProbes;
  readonly metrics: Metrics;
  readonly negative: NegativeCache;
  readonly watch: DownloadWatch;
}
