import type {DownloadView, Reply} from '../core/contract.js';
import {Event, type Delegate, type Registry} from '../core/event.js';
import {misuse, onlyKeys} from '../core/options.js';

/** Takes headers: a node ServerResponse, or anything like it. */
export interface HeaderSink {
  setHeader(name: string, value: string): unknown;
  /** Takes one back, when another attempt or the failure of all replaces the reply that it came from. */
  removeHeader?(name: string): unknown;
  /** Too late for changes. */
  readonly headersSent?: boolean | undefined;
}

/** What it is made with. */
export interface HeaderDelegateOptions {
  /** More names to forward. Hop-by-hop headers and secrets are never forwarded, listed or not. */
  allow?: readonly string[] | undefined;
}

/** End-to-end headers that describe the representation. */
const FORWARDED = ['content-type', 'content-encoding', 'content-language', 'content-disposition', 'etag',
  'last-modified', 'cache-control', 'expires', 'age', 'accept-ranges', 'digest', 'repr-digest', 'content-digest', 'vary'];

/** Never forwarded (RFC 9110, 7.6.1), whatever is allowed. */
const NEVER = new RegExp(`^(?:${['connection', 'keep-alive', 'te', 'trailers?', 'transfer-encoding', 'upgrade', 'proxy-.*', 'set-cookie2?',
  'cookie', 'authorization', 'authentication-info', 'www-authenticate'].join('|')})$`);

/**
 * Forwards a good reply's end-to-end headers, before the first byte of the body. What an attempt forwarded is taken back
 * when it fails, so the headers never belong to another body than the one that is sent.
 *
 * Content-Length is left out while an enforced validation is still to judge the bytes: a client that was told the length
 * takes the last byte for the end of a good body, and a reset comes too late. Allow it for a writer that holds the last
 * bytes back until `close`.
 */
export class HeaderDelegate implements Delegate {
  readonly #sink: HeaderSink;
  readonly #allowed: ReadonlySet<string>;

  /** @throws TypeError when the sink has no setHeader, or naming the option */
  constructor(sink: HeaderSink, options: HeaderDelegateOptions = {}) {
    if (typeof (sink as Partial<HeaderSink> | undefined)?.setHeader !== 'function') {
      throw misuse('sink', sink, 'something with setHeader, such as a ServerResponse');
    }
    onlyKeys('headers', options, ['allow']);
    const allow: unknown = options.allow ?? [];
    if (!Array.isArray(allow) || !allow.every((name) => typeof name === 'string')) {
      throw misuse('headers.allow', allow, 'a list of header names');
    }
    this.#sink = sink;
    this.#allowed = new Set([...FORWARDED, ...allow].map((name) => name.toLowerCase()));
  }

  attach(download: DownloadView & Registry): void {
    let forwarded: readonly string[] = [];
    const takeBack = (): void => {
      if (this.#sink.headersSent !== true) for (const name of forwarded) this.#sink.removeHeader?.(name);
      forwarded = [];
    };
    download.register(Event.REPLIED, ({reply}) => {
      takeBack();
      const judged = download.validations.some(({enforced}) => enforced !== false);
      if (reply.fault === undefined) forwarded = this.#forward(reply, judged);
    });
    download.register(Event.FAILED, takeBack);
  }

  #forward(reply: Reply, judged: boolean): string[] {
    const named = new Set((reply.headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
    const isAllowed = (name: string): boolean => this.#allowed.has(name) || (name === 'content-length' && !judged);
    const names = Object.keys(reply.headers).filter((name) => isAllowed(name) && !named.has(name) && !NEVER.test(name));
    for (const name of names) this.#sink.setHeader(name, reply.headers[name] as string);
    return names;
  }
}
