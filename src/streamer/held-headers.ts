import type {HeaderMap} from '../core/contract.js';
import {HeaderDelegate, type HeaderSink} from '../delegate/header-delegate.js';
import type {Download} from '../download/download.js';

/** Keeps what a HeaderDelegate forwards until the first byte may be released. */
export class HeldHeaders implements HeaderSink {
  readonly #headers = new Map<string, string>();

  /** Takes in the end-to-end headers of every good reply of a download. */
  static of(download: Download): HeldHeaders {
    const held = new HeldHeaders();
    new HeaderDelegate(held, {allow: ['date']}).attach(download);
    return held;
  }

  setHeader(name: string, value: string): void {
    this.#headers.set(name, value);
  }

  removeHeader(name: string): void {
    this.#headers.delete(name);
  }

  /** What is held now. Length and ranges are left out: they are the streamer's to say. */
  copy(): HeaderMap {
    const {'content-length': _length, 'accept-ranges': _ranges, ...headers} = Object.fromEntries(this.#headers);
    return headers;
  }
}
