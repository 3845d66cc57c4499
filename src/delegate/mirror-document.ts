import type {ContextKey} from '../core/context-key.js';
import type {DownloadView} from '../core/contract.js';
import {DownloadFailed} from '../core/errors.js';
import {contextOf} from './mirror-journey.js';

/** A document beside a download that tells where the file is: a mirror list, a metalink. */
export interface MirrorDocument<T> {
  readonly url: string;
  /** Where the Context keeps what was read. */
  readonly key: ContextKey<T>;
  /** For how long, ms. @default as long as the Context */
  readonly ttl: number | undefined;
  /** What it is called in a message, and what helps. */
  readonly name: string;
  readonly remedy: string;
  readonly read: (text: string) => T;
}

/**
 * What a document says. It is fetched once a Context, however many downloads wait, by a clone of the first one: with
 * its settings and its retries, without its handlers. Call it in PREPARED or ERROR.
 *
 * @throws DownloadError when it can't be had or read
 */
export function readDocument<T>(download: DownloadView, document: MirrorDocument<T>): Promise<T> {
  const {url, key, ttl, name, remedy, read} = document;
  return contextOf(download).once(key, async (signal) => {
    const clone = download.clone();
    if (!('text' in clone.writer)) throw new DownloadFailed(`a HEAD download can't read ${name}; ${remedy}`, {url});
    clone.url = url;
    await clone.run(signal);
    return read((clone.writer as unknown as {text(): string}).text());
  }, {signal: download.signal, ttl});
}
