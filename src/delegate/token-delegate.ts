import {contextKeys} from '../core/context-key.js';
import type {ContextView, DownloadView} from '../core/contract.js';
import {CredentialError, DownloadError, NotAuthorized} from '../core/errors.js';
import {Event, type Delegate, type Registry} from '../core/event.js';
import {messageOf} from '../core/foreign-error.js';
import {misuse, onlyKeys} from '../core/options.js';
import {Secret} from '../core/secret.js';
import {originOf} from '../core/url.js';
import {parseChallenge, type Challenge} from './challenge.js';

/** A token, and for how many ms it holds. */
export interface Token {
  token: string;
  expiresIn?: number | undefined;
}

/** Gives a token; `challenge` is what the server asked for, if it said. */
export type TokenProvider = (asked: {origin: string; challenge: Challenge | undefined; signal: AbortSignal}) =>
  string | Token | Promise<string | Token>;

/** What a TokenDelegate is made with. */
export interface TokenDelegateOptions {
  /** Where tokens come from. @default the realm that a Bearer challenge names, asked with the download's credentials */
  provider?: TokenProvider | undefined;
  /** Tells tokens of one origin apart: two delegates with the same name share them. @default 'default' */
  name?: string | undefined;
  /** The origin that tokens are for. @default the origin of the download's URL */
  origin?: string | undefined;
}

interface Kept {
  readonly secret: Secret;
  readonly until: number;
}

const TOKENS = contextKeys<Kept>('tokens');
const CHALLENGES = contextKeys<Challenge>('challenges');

/**
 * Sends bearer tokens (RFC 6750) and renews them: a 401 leads to one refresh, shared by all downloads of the Context
 * that were refused with the same token, and the attempt is repeated uncharged, once an origin. A token goes to the
 * origin that it is for and to no other.
 */
export class TokenDelegate implements Delegate {
  readonly #provider: TokenProvider | undefined;
  readonly #name: string;
  readonly #origin: string | undefined;

  /** @throws TypeError naming the option */
  constructor(options: TokenDelegateOptions = {}) {
    onlyKeys('token', options, ['provider', 'name', 'origin']);
    if (options.provider !== undefined && typeof options.provider !== 'function') throw misuse('token.provider', options.provider, 'a function');
    if (options.origin !== undefined && !URL.canParse(options.origin)) throw misuse('token.origin', options.origin, 'an origin such as https://repo.example');
    this.#provider = options.provider;
    this.#name = options.name ?? 'default';
    this.#origin = options.origin === undefined ? undefined : originOf(options.origin);
  }

  attach(download: DownloadView & Registry): void {
    let sent: Kept | undefined;
    const bound = this.#origin ?? originOf(download.originalUrl);
    const send = (kept: Kept): void => {
      sent = kept;
      download.headers = {...download.headers, authorization: `Bearer ${kept.secret.reveal()}`};
    };
    download.register(Event.PREPARED, async () => {
      if (originOf(download.url) !== bound) return;
      const context = download.context as ContextView;
      const known = context.get(TOKENS.of(bound, this.#name, scopeOf(context.get(CHALLENGES.of(bound, this.#name)))));
      if (known !== undefined && known.until > context.clock.now()) send(known);
      else if (this.#provider !== undefined) send(await this.#renew(download, bound, known, undefined));
    });
    download.register(Event.ERROR, async (event) => {
      const {error} = event;
      if (!event.repairable || !(error instanceof NotAuthorized) || error.status !== 401) return;
      if (originOf(download.url) !== bound || error.url === undefined || originOf(error.url) !== bound) return;
      const challenge = parseChallenge(error.headers['www-authenticate'] ?? '');
      if (challenge === undefined && this.#provider === undefined) return;
      send(await this.#renew(download, bound, sent, challenge));
      event.repaired = true;
      event.refreshed = true;
    });
  }

  /** One refresh, shared by all that were refused with the same token. */
  #renew(download: DownloadView, origin: string, stale: Kept | undefined, challenge: Challenge | undefined): Promise<Kept> {
    const context = download.context as ContextView;
    if (challenge !== undefined) context.set(CHALLENGES.of(origin, this.#name), challenge);
    return context.refresh(TOKENS.of(origin, this.#name, scopeOf(challenge ?? context.get(CHALLENGES.of(origin, this.#name)))), stale, async (signal) => {
      try {
        const given = this.#provider === undefined
          ? await askRealm(download, origin, challenge as Challenge, signal)
          : await this.#provider({origin, challenge, signal});
        const {token, expiresIn} = typeof given === 'string' ? {token: given, expiresIn: undefined} : given;
        if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) throw new CredentialError('expected a token of visible ASCII characters');
        return {secret: new Secret(token), until: expiresIn === undefined ? Infinity : context.clock.now() + expiresIn};
      } catch (thrown) {
        if (thrown instanceof DownloadError && thrown.class === 'cancelled') throw thrown;
        throw new CredentialError(`no token for ${origin}: ${messageOf(thrown)}`, {cause: thrown, url: origin});
      }
    }, {signal: download.signal});
  }
}

function scopeOf(challenge: Challenge | undefined): string {
  return challenge === undefined ? '' : `${challenge.realm} ${challenge.service ?? ''} ${challenge.scope ?? ''}`;
}

/** Asks the realm of a challenge for a token, as container registries have it. */
async function askRealm(download: DownloadView, origin: string, challenge: Challenge, signal: AbortSignal): Promise<Token> {
  const url = new URL(challenge.realm);
  if (origin.startsWith('https:') && url.protocol !== 'https:') throw new CredentialError('the challenge names a realm without https');
  if (challenge.service !== undefined) url.searchParams.set('service', challenge.service);
  if (challenge.scope !== undefined) url.searchParams.set('scope', challenge.scope);
  const clone = download.clone();
  clone.url = url.href;
  await clone.run(signal);
  const answer = JSON.parse((clone.writer as unknown as {text(): string}).text()) as {token?: string; access_token?: string; expires_in?: number};
  return {
    token: answer.token ?? answer.access_token ?? '',
    expiresIn: typeof answer.expires_in === 'number' ? answer.expires_in * 1000 : undefined,
  };
}
