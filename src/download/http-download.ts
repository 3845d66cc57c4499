import {addressId} from '../core/address-id.js';
import {authorization} from '../core/credentials.js';
import type {Continuation, ContextView, Credential, CredentialSource, HeaderMap, Reply} from '../core/contract.js';
import type {DownloadError} from '../core/errors.js';
import {misuse, oneOf, wholeNumber} from '../core/options.js';
import {redactUrl} from '../core/redact.js';
import {Proxy, SSL, User, type ProxyOptions, type SSLOptions, type UserOptions} from '../core/settings.js';
import {originOf} from '../core/url.js';
import {USER_AGENT} from '../core/version.js';
import {NullWriter} from '../writer/null-writer.js';
import type {Attempt} from './attempt.js';
import type {ByteRange} from './byte-range.js';
import {Download} from './download.js';
import {checkGiven, DOWNLOAD_OPTIONS, type DownloadOptions} from './download-options.js';
import {checkSameHop, conditionHeaders} from './http-condition.js';
import {droppedRange, placeOf, rangeHeaders, type Placed} from './http-continuation.js';
import {connectionFault, isWhole, statusFault} from './http-faults.js';
import {drain, follow, type Followed} from './http-redirect.js';
import {sessionOf, type HttpSession} from './http-session.js';
import {checkSettings, settingsElsewhere, type HttpSettings} from './http-settings.js';
import {Slice} from './http-slice.js';
import {ExchangeFailed, open, tryOptions, type HttpAnswer, type HttpRequest} from './http-transport.js';
import {elsewhere, PLAIN_TLS, sharedTls, type TlsMaterial} from './tls-material.js';

/** What an HttpDownload is made with, beside what every download is. */
export interface HttpDownloadOptions<A = unknown> extends DownloadOptions<A> {
  /** `HEAD` asks for the headers only. @default 'GET' */
  method?: 'GET' | 'HEAD' | undefined;
  /** Basic authentication (RFC 7617) at the origin of `url`. */
  user?: UserOptions | User | undefined;
  /** Asked for each hop; comes after `user`. */
  credentials?: CredentialSource | undefined;
  ssl?: SSLOptions | SSL | undefined;
  /** The proxy for everything this download asks. */
  proxyUrl?: string | ProxyOptions | Proxy | undefined;
  /** @default 10 */
  maxRedirects?: number | undefined;
  /**
   * Only these bytes of the file (RFC 9110, 14): they are what is written, counted, validated and resumed. A source that
   * serves no parts gives all, and the rest is dropped. @default the whole file
   */
  range?: ByteRange | undefined;
  /** Options of got that the framework does not own. */
  settings?: HttpSettings | undefined;
}

const HTTP_OPTIONS = [...DOWNLOAD_OPTIONS, 'method', 'user', 'credentials', 'ssl', 'proxyUrl', 'maxRedirects', 'range', 'settings'];

/** A download over http or https (RFC 9110, 9112). */
export class HttpDownload<A = unknown> extends Download<A> {
  readonly method: 'GET' | 'HEAD';
  readonly #ssl: SSL | undefined;
  readonly #proxy: Proxy | undefined;
  readonly #user: User | undefined;
  readonly #credentials: CredentialSource | undefined;
  readonly #maxRedirects: number;
  readonly #slice: Slice | undefined;
  readonly #given: HttpSettings;
  /** The origin that `user` and `ssl` are for. */
  readonly #home: string;
  #tls: TlsMaterial = PLAIN_TLS;
  #settings: HttpSettings = {};

  /** @throws TypeError, RangeError naming the option, the value and what was expected */
  constructor(options: HttpDownloadOptions<A>) {
    checkGiven(options);
    const method = oneOf('method', options.method, ['GET', 'HEAD'], 'GET');
    if (method === 'HEAD' && options.writer !== undefined && !(options.writer instanceof NullWriter)) {
      throw new TypeError('writer: expected none with method HEAD, since a HEAD reply has no bytes');
    }
    if (options.range !== undefined && (method === 'HEAD' || options.ifChanged !== undefined)) {
      throw new TypeError('range: expected neither method HEAD nor ifChanged beside it, which are about the whole file');
    }
    const {validations, ...rest} = options;
    super(method === 'HEAD' ? {...rest, writer: new NullWriter()} : rest, HTTP_OPTIONS, ['http:', 'https:']);
    this.method = method;
    for (const validation of validations ?? []) this.append(validation);
    if (options.credentials !== undefined && typeof options.credentials.for !== 'function') {
      throw misuse('credentials', options.credentials, 'a CredentialSource');
    }
    this.#ssl = options.ssl === undefined || options.ssl instanceof SSL ? options.ssl : new SSL(options.ssl);
    this.#proxy = options.proxyUrl === undefined ? undefined : new Proxy(options.proxyUrl);
    this.#user = options.user === undefined ? undefined : new User(options.user);
    this.#credentials = options.credentials;
    this.#maxRedirects = wholeNumber('maxRedirects', options.maxRedirects ?? 10, 0);
    this.#slice = options.range === undefined ? undefined : new Slice(options.range);
    this.#given = checked(options.settings ?? {});
    this.#home = originOf(this.originalUrl);
  }

  /** Options of got for every request of this download. Called once a run; what the framework owns is refused by name. */
  protected settings(): HttpSettings {
    return this.#given;
  }

  protected override async check(): Promise<void> {
    this.#settings = checked(this.settings());
    if (this.#ssl !== undefined) this.#tls = await sharedTls(this.context as ContextView, this.#ssl);
  }

  protected override get bodiless(): boolean {
    return this.method === 'HEAD';
  }

  protected override async send(attempt: Attempt): Promise<Reply> {
    const {resume} = attempt;
    return this.#slice?.fetch(resume, (asked) => this.#fetch(attempt, asked), (bytes) => { attempt.seen(bytes); })
      ?? this.#fetch(attempt, resume);
  }

  async #fetch(attempt: Attempt, resume: Continuation | undefined): Promise<Reply> {
    const ask = (plain: boolean): Promise<Followed> => follow(attempt.url, this.#maxRedirects, (hop) => this.#ask(hop, attempt, resume, plain));
    const followed = await ask(false);
    if (resume === undefined || !droppedRange(resume, followed.answer, followed.url)) return this.#reply(followed, attempt, resume);
    await followed.answer.body.return();
    const again = await ask(true);
    return this.#reply({...again, hops: [...followed.hops, ...again.hops]}, attempt, resume);
  }

  async #reply({answer, url, hops}: Followed, attempt: Attempt, resume: Continuation | undefined): Promise<Reply> {
    const {status, headers, body, validators, length, framing, encoding} = answer;
    const hop = url.includes('?') ? {hop: addressId(url)} : {};
    const head = {status, headers, hops, url: redactUrl(url), ...hop, validators, offset: 0, length, framing, encoding};
    let place: Placed | undefined;
    try {
      place = resume === undefined ? undefined : placeOf(resume, answer, url);
      if (status === 304) checkSameHop(attempt.condition, url);
    } catch (fault) {
      await body.return();
      return {...head, fault: fault as DownloadError};
    }
    if (status === 304) return {...head, notModified: true};
    const complete = status === 416 && place !== undefined;
    const ok = isWhole(status);
    const text = ok && this.method === 'GET' ? '' : await drain(body);
    const fault = complete ? undefined : statusFault(status, headers, text, url, attempt.context.clock.time());
    return {...head, ...place, framing: complete ? 'none' : framing, fault, body: ok && this.method === 'GET' ? body : undefined};
  }

  /** One hop: with the permit, the headers, the credentials and the TLS of its own origin. */
  async #ask(url: string, attempt: Attempt, resume: Continuation | undefined, plain: boolean): Promise<HttpAnswer> {
    const origin = originOf(url);
    await attempt.moveTo(origin);
    const credential = this.#credentialFor(origin, url);
    const session = this.#sessionFor(origin, credential, attempt);
    const {condition} = attempt;
    const asking = {...conditionHeaders(condition), ...resume === undefined ? {} : rangeHeaders(resume, plain)};
    const headers = {...this.#headersFor(origin, credential, attempt, SIGNED.test(url)), ...asking};
    const asked = {method: this.method, range: resume !== undefined, condition: condition !== undefined};
    const waitFor: HttpRequest['waitFor'] = (phase) => { attempt.waitFor(phase); };
    return exchange(session, {url, shown: redactUrl(url), asked, headers, waitFor}, attempt.signal);
  }

  #credentialFor(origin: string, url: string): Credential | undefined {
    const user = this.userFor(origin) ?? (origin === this.#home ? this.#user : undefined);
    if (user !== undefined) return {scheme: 'basic', name: user.name, password: user.password.reveal()};
    return this.#credentials?.for(origin, new URL(url).pathname);
  }

  #sessionFor(origin: string, credential: Credential | undefined, attempt: Attempt): HttpSession {
    const own = origin === this.#home;
    return sessionOf(attempt.context, {
      origin, proxy: this.#proxy, tls: own ? this.#tls : elsewhere(this.#tls),
      settings: own ? this.#settings : settingsElsewhere(this.#settings),
      identity: credential === undefined ? '' : authorization(credential),
    });
  }

  #headersFor(origin: string, credential: Credential | undefined, attempt: Attempt, signed: boolean): HeaderMap {
    const headers: Record<string, string> = {
      'user-agent': USER_AGENT,
      accept: '*/*',
      ...credential === undefined ? {} : {authorization: authorization(credential)},
      ...this.headersFor(origin),
      ...attempt.headers,
      'accept-encoding': 'identity',
    };
    if (signed) delete headers.authorization;
    return headers;
  }
}

/** Addresses that carry a signature never also get an Authorization: storage servers refuse both together. */
const SIGNED = /[?&](?:x-amz-signature|x-goog-signature|sig|signature)=/i;

function checked(settings: HttpSettings): HttpSettings {
  if (Object.keys(checkSettings(settings)).length > 0) tryOptions(settings);
  return settings;
}

/** Asks; a pooled connection that died before the first byte of an answer is replayed once on a fresh one, uncharged. */
async function exchange(session: HttpSession, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  try {
    return await open(session.client, request, signal).catch((thrown: unknown) => {
      if (!(thrown instanceof ExchangeFailed) || !thrown.stale || connectionFault(thrown.cause, '').class !== 'transient') throw thrown;
      return open(session.fresh(), request, signal);
    });
  } catch (thrown) {
    throw connectionFault(thrown instanceof ExchangeFailed ? thrown.cause : thrown, request.shown);
  }
}
