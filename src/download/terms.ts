import type {ContextView, HeaderMap, Writer} from '../core/contract.js';
import {wholeNumber} from '../core/options.js';
import type {User} from '../core/settings.js';
import {originOf, plainUrl} from '../core/url.js';
import {BufferWriter} from '../writer/buffer-writer.js';
import {checkWriter, type CheckedOptions, type DownloadOptions} from './download-options.js';
import {HeaderScopes} from './header-scopes.js';

/** Where in its life a download is. */
export type Phase = 'new' | 'preparing' | 'running' | 'repairing' | 'over';

/** The terms of one download: what may be changed, and until when. Setters throw a TypeError outside their time. */
export class Terms<A> {
  phase: Phase = 'new';
  readonly originalUrl: string;
  readonly #schemes: readonly string[] | undefined;
  readonly #users = new Map<string, User>();
  readonly #headers: HeaderScopes;
  #url: string;
  #origin: string;
  #retries: number;
  #writer: Writer | undefined;
  #context: ContextView | undefined;
  #attachment: A | undefined;

  constructor(options: DownloadOptions<A>, checked: CheckedOptions, schemes: readonly string[] | undefined) {
    this.#schemes = schemes;
    this.originalUrl = checked.url.href;
    this.#url = checked.url.href;
    this.#origin = checked.url.origin;
    if (checked.url.user !== undefined) this.#users.set(checked.url.origin, checked.url.user);
    this.#headers = new HeaderScopes(options.publicHeaders ?? []);
    this.#headers.set(this.#origin, options.headers ?? {});
    this.#retries = checked.retries;
    this.#writer = options.writer;
    this.#context = options.context;
    this.#attachment = options.attachment;
  }

  get url(): string {
    return this.#url;
  }

  set url(value: string) {
    this.#mayRepair('url');
    const url = plainUrl('url', value, this.#schemes);
    if (url.user !== undefined) this.#users.set(url.origin, url.user);
    this.#url = url.href;
    this.#origin = url.origin;
  }

  get headers(): HeaderMap {
    return this.#headers.for(this.#origin);
  }

  set headers(value: HeaderMap) {
    this.#mayRepair('headers');
    this.#headers.set(this.#origin, value);
  }

  get retries(): number {
    return this.#retries;
  }

  set retries(value: number) {
    this.#mayRepair('retries');
    this.#retries = wholeNumber('retries', value, 0);
  }

  get writer(): Writer {
    return this.#writer ??= new BufferWriter();
  }

  set writer(value: Writer) {
    this.#mayPrepare('writer');
    this.#writer = checkWriter(value);
  }

  get context(): ContextView | undefined {
    return this.#context;
  }

  set context(value: ContextView | undefined) {
    this.#mayPrepare('context');
    this.#context = value;
  }

  get attachment(): A | undefined {
    return this.#attachment;
  }

  set attachment(value: A | undefined) {
    this.#mayPrepare('attachment');
    this.#attachment = value;
  }

  /** What may be sent to an origin. */
  headersFor(origin: string): HeaderMap {
    return this.#headers.for(origin);
  }

  /** Who was named in a URL of that origin. */
  userFor(origin: string): User | undefined {
    return this.#users.get(origin);
  }

  /** Takes over what another download would send, origin by origin. */
  inherit(other: Terms<unknown>): void {
    this.#headers.inherit(other.#headers);
    for (const [origin, user] of other.#users) this.#users.set(origin, user);
    this.#url = other.#url;
    this.#origin = originOf(other.#url);
  }

  #mayPrepare(name: string): void {
    if (this.phase !== 'new' && this.phase !== 'preparing') throw new TypeError(`${name}: can't be changed after PREPARED`);
  }

  #mayRepair(name: string): void {
    if (this.phase !== 'running' && this.phase !== 'over') return;
    throw new TypeError(`${name}: can only be changed until the end of PREPARED and inside ERROR`);
  }
}
