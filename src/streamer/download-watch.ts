import type {AttemptRecord} from '../core/contract.js';
import {Event} from '../core/event.js';
import {originOf} from '../core/url.js';
import type {Download} from '../download/download.js';
import type {Metrics} from './metrics.js';

/** Counts what the downloads of a streamer bring, and what they fail with. */
export class DownloadWatch {
  readonly #metrics: Metrics;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  /** To be called before the download runs. */
  attach(download: Download): void {
    const count = ({attempts}: {readonly attempts: readonly AttemptRecord[]}): void => {
      for (const {url, bytes} of attempts) if (bytes > 0) this.#metrics.add('source_bytes', {origin: originOf(url)}, bytes);
    };
    download.register(Event.SUCCEEDED, count, {observe: true});
    download.register(Event.FAILED, (event) => {
      count(event);
      // Whose client left, and of which only the head was wanted, did not fail.
      if (event.error.class !== 'cancelled') this.#metrics.add('faults', {code: event.error.code});
    }, {observe: true});
  }
}
