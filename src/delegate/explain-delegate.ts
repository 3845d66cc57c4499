import type {DownloadView, Reply} from '../core/contract.js';
import type {DownloadError} from '../core/errors.js';
import {
  Event, type Delegate, type ErrorEvent, type Registry, type RepliedEvent, type SentEvent, type SucceededEvent,
} from '../core/event.js';
import {misuse, onlyKeys} from '../core/options.js';
import {redactUrl} from '../core/redact.js';

/** What an ExplainDelegate is made with. */
export interface ExplainOptions {
  /** Takes each line, without its end. No secrets are in it. */
  write: (line: string, download: DownloadView) => void;
}

/** Says in words why a download does what it does: one line for each source, repeat, wait, continuation and restart. It only observes. */
export class ExplainDelegate implements Delegate {
  readonly #write: ExplainOptions['write'];

  /** @throws TypeError naming the option */
  constructor(options: ExplainOptions) {
    onlyKeys('explain', options, ['write']);
    if (typeof options.write !== 'function') throw misuse('explain.write', options.write, 'a function');
    this.#write = options.write;
  }

  attach(download: DownloadView & Registry): void {
    const story = new Story(download, (line) => { this.#write(line, download); });
    const observe = {observe: true};
    download.register(Event.SENT, (event) => { story.sent(event); }, observe);
    download.register(Event.REPLIED, (event) => { story.replied(event); }, observe);
    download.register(Event.ERROR, (event) => { story.failed(event); }, observe);
    download.register(Event.SUCCEEDED, (event) => { story.succeeded(event); }, observe);
  }
}

/** One run, as far as it was told. */
class Story {
  readonly #download: DownloadView;
  readonly #say: (line: string) => void;
  #sent: SentEvent | undefined;
  #asked = new Set<string>();
  /** The fault before the attempt that is under way, and when it came. */
  #fault: {readonly error: DownloadError; readonly at: number} | undefined;
  /** The answer that the first byte came with. */
  #first: Reply | undefined;

  constructor(download: DownloadView, say: (line: string) => void) {
    this.#download = download;
    this.#say = say;
  }

  sent(event: SentEvent): void {
    const {url, attempt, offset} = event;
    const before = this.#sent;
    const waited = this.#fault === undefined ? 0 : this.#now() - this.#fault.at;
    const after = waited < 50 ? '' : ` after ${span(waited)}`;
    if (before === undefined) {
      if (offset > 0) this.#say(`ask ${url} from ${bytes(offset)} on: an earlier run left so much`);
      else this.#say(url === redactUrl(this.#download.originalUrl) ? `ask ${url}` : `first source: ${url}`);
    } else if (before.url !== url) {
      this.#say(`${this.#asked.has(url) ? 'back to the mirror' : 'next mirror'}${after}: ${url}`);
    } else {
      this.#say(`attempt ${attempt}${after}${this.#reason()}`);
    }
    this.#asked.add(url);
    this.#sent = event;
  }

  replied({reply}: RepliedEvent): void {
    const asked = this.#sent?.offset ?? 0;
    if (reply.hops.length > 1) this.#say(`redirected to ${redactUrl(reply.url)}`);
    if (reply.fault !== undefined) return;
    if (reply.notModified === true) this.#say(`not modified: the server still has ${versionName(reply) ?? 'this version'}`);
    else if (reply.offset > 0) this.#say(`continue at ${bytes(reply.offset)}${under(reply)}`);
    else if (asked > 0) this.#say(`start over: ${this.#whole(reply)}`);
    if (reply.offset === 0) this.#first = reply;
  }

  failed({attempt, error, repairable, left, class: faultClass}: ErrorEvent): void {
    this.#fault = {error, at: this.#now()};
    if (faultClass === 'cancelled') return;
    const wait = error.retryAt === undefined ? 0 : error.retryAt - this.#time();
    const asks = wait <= 0 ? '' : `; the server asks to be left alone for ${span(wait)} (Retry-After)`;
    const passing = faultClass === 'transient' || faultClass === 'throttled';
    const hope = !repairable ? '; nothing can mend it' : passing ? `; ${left} ${left === 1 ? 'repeat' : 'repeats'} left` : '';
    const end = `: ${this.#sent?.url ?? ''}`;
    const why = error.message.endsWith(end) ? error.message.slice(0, -end.length) : error.message;
    this.#say(`attempt ${attempt} failed, ${error.code}: ${why}${asks}${hope}`);
  }

  succeeded({outcome, path}: SucceededEvent): void {
    if (outcome === 'kept') this.#say(`keep ${path ?? 'what is there'}: it is there already, and nothing speaks against it`);
  }

  /** Why the same source is asked again. */
  #reason(): string {
    const error = this.#fault?.error;
    switch (error?.code) {
      case 'RESUME_REJECTED': return ': start over';
      case 'DIGEST_MISMATCH':
      case 'SIZE_MISMATCH': return ': a cache may have given other bytes, so it is told to ask its source';
      case 'NOT_AUTHORIZED': return ': the credentials were renewed';
      default: return error?.retryAt === undefined ? ': backoff' : ': Retry-After';
    }
  }

  /** Why a whole body came although the rest was asked for. */
  #whole({validators}: Reply): string {
    const before = this.#first?.validators;
    if (before?.etag !== undefined && validators.etag !== undefined) {
      const same = before.etag === validators.etag;
      return same ? 'the server sent the whole though it is the same version' : 'the server\'s version is another';
    }
    return 'the server sent the whole, not the rest';
  }

  #now(): number {
    return this.#download.context?.clock.now() ?? 0;
  }

  #time(): number {
    return this.#download.context?.clock.time() ?? 0;
  }
}

function under(reply: Reply): string {
  const name = versionName(reply);
  return name === undefined ? ': a digest will prove the whole' : ` under ${name}`;
}

function versionName({validators: {etag, lastModified}}: Reply): string | undefined {
  return etag !== undefined ? `ETag ${etag}` : lastModified !== undefined ? `Last-Modified ${lastModified}` : undefined;
}

function span(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 9950 ? 1 : 0)} s`;
}

function bytes(count: number): string {
  if (count < 1024) return `${count} bytes`;
  const power = Math.min(4, Math.floor(Math.log2(count) / 10));
  return `${Number((count / 1024 ** power).toFixed(1))} ${['', 'Ki', 'Mi', 'Gi', 'Ti'][power] ?? ''}B`;
}
