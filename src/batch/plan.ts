import type {DownloadError} from '../core/errors.js';
import type {Download} from '../download/download.js';
import type {DownloadResult} from '../download/result.js';

/** How a download of a batch ended. */
export type Settled<A> = {readonly result: DownloadResult<A>} | {readonly error: DownloadError};

/** The attachment's type of a download. */
export type AttachmentOf<D> = D extends Download<infer A> ? A : never;

/**
 * One download of a batch, run. It stores an outcome, never a rejected promise, so a plan that nobody asks is no
 * unhandled rejection.
 */
export class Plan<D extends Download = Download> {
  readonly download: D;
  /** Its place in the source, from 0. */
  readonly index: number;
  readonly #settled: Settled<AttachmentOf<D>>;

  constructor(download: D, index: number, settled: Settled<AttachmentOf<D>>) {
    this.download = download;
    this.index = index;
    this.#settled = settled;
  }

  /** The fault, if it failed. */
  get error(): DownloadError | undefined {
    return 'error' in this.#settled ? this.#settled.error : undefined;
  }

  /** What it came to. @throws DownloadError why it failed */
  result(): Promise<DownloadResult<AttachmentOf<D>>> {
    return 'error' in this.#settled ? Promise.reject(this.#settled.error) : Promise.resolve(this.#settled.result);
  }
}
