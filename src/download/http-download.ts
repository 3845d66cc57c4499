import {authorization} from '../core/credentials.js';
import type {ContextView, Credential, CredentialSource, HeaderMap, Reply} from '../core/contract.js';
import {misuse, oneOf, wholeNumber} from '../core/options.js';
import {redactUrl} from '../core/redact.js';
import {Proxy, SSL, User, type ProxyOptions, type SSLOptions, type UserOptions} from '../core/settings.js';
import {originOf} from '../core/url.js';
import {NullWriter} from '../writer/null-writer.js';
import type {Attempt} from './attempt.js';
import {Download} from './download.js';
import {DOWNLOAD_OPTIONS, type DownloadOptions} from './download-options.js';
import {connectionFault, statusFault} from './http-faults.js';
import {readHead} from './http-framing.js';
import {drain, follow, type Asked} from './http-redirect.js';
import {sessionOf, type HttpSession} from './http-session.js';
import {checkSettings, type HttpSettings} from './http-settings.js';
import {ExchangeFailed, open, type HttpAnswer} from './http-transport.js';
import {elsewhere, PLAIN_TLS, sharedTls, type TlsMaterial} from './tls-material.js';
import {USER_AGENT} from '../core/version.js';

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
  /** Options of got that the framework does not own. */
  settings?: HttpSettings | undefined;
}

const HTTP_OPTIONS = [...DOWNLOAD_OPTIONS, 'method', 'user', 'credentials', 'ssl', 'proxyUrl', 'maxRedirects', 'settings'];

/** A download over http or https (RFC 9110, 9112). */
export class HttpDownload<A = unknown> extends Download<A> {
  readonly method: 'GET' | 'HEAD';
  readonly #ssl: SSL | undefined;
  readonly #proxy: Proxy | undefined;
  readonly #user: User | undefined;
  readonly #credentials: CredentialSource | undefined;
  readonly #maxRedirects: number;
  readonly #given: HttpSettings;
  #tls: TlsMaterial = PLAIN_TLS;
  #settings: HttpSettings = {};

  /** @throws TypeError, RangeError naming the option, the value and what was expected */
  constructor(options: HttpDownloadOptions<A>) {
    const method = oneOf('method', options.method, ['GET', 'HEAD'], 'GET');
    if (method === 'HEAD' && options.writer !== undefined && !(options.writer instanceof NullWriter)) {
      throw new TypeError('writer: expected none with method HEAD, since a HEAD reply has no bytes');
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
    this.#given = checkSettings(options.settings ?? {});
  }

  /** Options of got for every request of this download. Called once a run; what the framework owns is refused by name. */
  protected settings(): HttpSettings {
    return this.#given;
  }

  protected override async check(): Promise<void> {
    this.#settings = checkSettings(this.settings());
    if (this.#ssl !== undefined) this.#tls = await sharedTls(this.context as ContextView, this.#ssl);
  }

  protected override get bodiless(): boolean {
    return this.method === 'HEAD';
  }

  protected override async send(attempt: Attempt): Promise<Reply> {
    const {answer, head, url, hops} = await follow(attempt.url, this.#maxRedirects, (hop) => this.#ask(hop, attempt));
    const shown = redactUrl(url);
    const {status} = answer;
    const bodiless = head.framing === 'none';
    const ok = status >= 200 && status < 300;
    const text = ok && !bodiless ? '' : await drain(answer);
    return {
      status, headers: head.headers, hops, url: shown, validators: head.validators, offset: 0,
      length: head.length, framing: head.framing, encoding: head.encoding,
      fault: statusFault(status, head.headers, text, url, attempt.context.clock.time()),
      body: bodiless || !ok ? undefined : guarded(answer, shown, head.length),
    };
  }

  /** One hop: with the permit, the headers, the credentials and the TLS of its own origin. */
  async #ask(url: string, attempt: Attempt): Promise<Asked> {
    const origin = originOf(url);
    await attempt.moveTo(origin);
    const credential = this.#credentialFor(origin, new URL(url));
    const session = this.#sessionFor(origin, credential, attempt);
    const request = {url, method: this.method, headers: this.#headersOf(origin, credential, attempt), waitFor: (phase: 'connect' | 'headers') => { attempt.waitFor(phase); }};
    let answer: HttpAnswer;
    try {
      answer = await open(session.client, request, attempt.signal).catch((thrown: unknown) => {
        if (!isDeadPooled(thrown)) throw thrown;
        return open(session.fresh(), request, attempt.signal);
      });
    } catch (thrown) {
      throw connectionFault(thrown instanceof ExchangeFailed ? thrown.cause : thrown, redactUrl(url), 'before-reply');
    }
    try {
      return {answer, head: readHead(answer, this.method, redactUrl(url))};
    } catch (error) {
      await answer.body.return();
      throw error;
    }
  }

  /** Signed addresses never also get an Authorization. */
  #credentialFor(origin: string, url: URL): Credential | undefined {
    if (/[?&](?:x-amz-signature|x-goog-signature|sig|signature)=/i.test(url.search)) return undefined;
    const user = this.userFor(origin) ?? (origin === originOf(this.originalUrl) ? this.#user : undefined);
    if (user !== undefined) return {scheme: 'basic', name: user.name, password: user.password.reveal()};
    return this.#credentials?.for(origin, url.pathname);
  }

  #sessionFor(origin: string, credential: Credential | undefined, attempt: Attempt): HttpSession {
    const tls = origin === originOf(this.originalUrl) ? this.#tls : elsewhere(this.#tls);
    const identity = credential === undefined ? '' : authorization(credential);
    return sessionOf(attempt.context, {origin, proxy: this.#proxy, tls, settings: this.#settings, identity});
  }

  #headersOf(origin: string, credential: Credential | undefined, attempt: Attempt): HeaderMap {
    return {
      'user-agent': USER_AGENT,
      accept: '*/*',
      ...credential === undefined ? {} : {authorization: authorization(credential)},
      ...this.headersFor(origin),
      ...attempt.headers,
      'accept-encoding': 'identity',
    };
  }
}

/** A pooled connection that died before the first byte of an answer is replayed once on a fresh one, uncharged. */
function isDeadPooled(thrown: unknown): boolean {
  return thrown instanceof ExchangeFailed && thrown.reused && connectionFault(thrown.cause, '', 'before-reply').class === 'transient';
}

/** The body, its faults turned into ours. */
async function *guarded(answer: HttpAnswer, url: string, length: number | undefined): AsyncGenerator<Uint8Array> {
  let received = 0;
  try {
    for await (const chunk of answer.body) {
      received += chunk.byteLength;
      yield chunk;
    }
  } catch (thrown) {
    throw connectionFault(thrown, url, 'body', received, length);
  } finally {
    await answer.body.return();
  }
}
