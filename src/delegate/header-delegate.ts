import type {DownloadView} from '../core/contract.js';
import {Event, type Delegate, type Registry} from '../core/event.js';
import {misuse} from '../core/options.js';

/** Takes headers: a node ServerResponse, or anything like it. */
export interface HeaderSink {
  setHeader(name: string, value: string): unknown;
}

/** What it is made with. */
export interface HeaderDelegateOptions {
  /** More names to forward. Hop-by-hop headers and secrets are never forwarded, listed or not. */
  allow?: readonly string[] | undefined;
}

/** End-to-end headers that describe the representation. */
const FORWARDED = ['content-type', 'content-length', 'content-encoding', 'content-language', 'content-disposition', 'etag',
  'last-modified', 'cache-control', 'expires', 'age', 'accept-ranges', 'digest', 'repr-digest', 'content-digest', 'vary'];

/** Never forwarded (RFC 9110, 7.6.1), whatever is allowed. */
const NEVER = /^(?:connection|keep-alive|te|trailer|transfer-encoding|upgrade|set-cookie2?|proxy-.*|www-authenticate|authorization|cookie)$/;

/** Forwards a good reply's end-to-end headers, before the first byte of the body. */
export class HeaderDelegate implements Delegate {
  readonly #sink: HeaderSink;
  readonly #allowed: ReadonlySet<string>;

  /** @throws TypeError when the sink has no setHeader */
  constructor(sink: HeaderSink, options: HeaderDelegateOptions = {}) {
    if (typeof (sink as Partial<HeaderSink> | undefined)?.setHeader !== 'function') throw misuse('sink', sink, 'something with setHeader, such as a ServerResponse');
    this.#sink = sink;
    this.#allowed = new Set([...FORWARDED, ...options.allow ?? []].map((name) => name.toLowerCase()));
  }

  attach(download: DownloadView & Registry): void {
    download.register(Event.REPLIED, ({reply}) => {
      if (reply.fault !== undefined) return;
      const named = new Set((reply.headers['connection'] ?? '').split(',').map((name) => name.trim().toLowerCase()));
      for (const [name, value] of Object.entries(reply.headers)) {
        if (this.#allowed.has(name) && !named.has(name) && !NEVER.test(name)) this.#sink.setHeader(name, value);
      }
    });
  }
}
