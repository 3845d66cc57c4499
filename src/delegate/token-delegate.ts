import {contextKeys, type ContextKey} from '../core/context-key.js';
import type {ContextView, DownloadView} from '../core/contract.js';
import {CredentialError, DownloadError, NotAuthorized} from '../core/errors.js';
import {Event, type Delegate, type Registry} from '../core/event.js';
import {messageOf} from '../core/foreign-error.js';
import {misuse, onlyKeys} from '../core/options.js';
import {Secret} from '../core/secret.js';
import {originOf} from '../core/url.js';
import {parseChallenge, type Challenge} from './challenge.js';
import {askRealm, type Token} from './realm.js';

export type {Token} from './realm.js';

/** Gives a token; `challenge` is what the server asked for, if it said. */
export type TokenProvider = (asked: {origin: string; challenge: Challenge | undefined; signal: AbortSignal}) =>
  string | Token | Promise<string | Token>;

/** What a TokenDelegate is made with. */
export interface TokenDelegateOptions {
  /** Where tokens come from. @default the realm that a Bearer challenge names, asked with the download's credentials */
  provider?: TokenProvider | undefined;
  /**
   * Tells tokens of one origin apart: two delegates with the same name share them in a Context, so give names where
   * the credentials differ. @default 'default'
   */
  name?: string | undefined;
  /** The origin that tokens are for. @default the origin of the download's URL */
  origin?: string | undefined;
}

interface Kept {
  readonly secret: Secret;
  /** By the Context's clock. */
  readonly until: number;
}

/** What one download has to do with tokens. */
interface Use {
  readonly download: DownloadView;
  readonly origin: string;
  sent: {readonly kept: Kept; readonly key: ContextKey<Kept>; readonly guessed: boolean} | undefined;
  refreshed: boolean;
}

const TOKENS = contextKeys<Kept>('tokens');
const CHALLENGES = contextKeys<Challenge>('challenges');

/**
 * Sends bearer tokens (RFC 6750) and renews them: a 401 leads to one refresh, shared by all downloads of the Context
 * that were refused with the same token, and the attempt is repeated uncharged, once; a second 401 is final. A token
 * goes to the origin that it is for and to no other. Attach it before a MirrorDelegate, or that one takes the 401.
 * The run fails with CredentialError when there is no token to be had.
 */
export class TokenDelegate implements Delegate {
  readonly #provider: TokenProvider | undefined;
  readonly #name: string;
  readonly #origin: string | undefined;

  /** @throws TypeError naming the option */
  constructor(options: TokenDelegateOptions = {}) {
    onlyKeys('token', options, ['provider', 'name', 'origin']);
    const {provider, name, origin} = options;
    if (provider !== undefined && typeof provider !== 'function') throw misuse('token.provider', provider, 'a function');
    if (name !== undefined && typeof name !== 'string') throw misuse('token.name', name, 'a text');
    if (origin !== undefined && !URL.canParse(origin)) throw misuse('token.origin', origin, 'an origin such as https://repo.example');
    this.#provider = provider;
    this.#name = name ?? 'default';
    this.#origin = origin === undefined ? undefined : originOf(origin);
  }

  attach(download: DownloadView & Registry): void {
    const use: Use = {download, origin: this.#origin ?? originOf(download.originalUrl), sent: undefined, refreshed: false};
    download.register(Event.PREPARED, () => this.#begin(use));
    download.register(Event.ERROR, async (event) => {
      const {error} = event;
      if (!event.repairable || !(error instanceof NotAuthorized) || error.status !== 401) return;
      if (originOf(download.url) !== use.origin || error.url === undefined || originOf(error.url) !== use.origin) return;
      event.repaired = event.refreshed = await this.#refused(use, parseChallenge(error.headers['www-authenticate'] ?? ''));
    });
  }

  /** Sends the token that is known, if it holds; asks for one where that can be done unchallenged. */
  async #begin(use: Use): Promise<void> {
    if (originOf(use.download.url) !== use.origin) return;
    const context = use.download.context as ContextView;
    const challenge = context.get(CHALLENGES.of(use.origin, this.#name));
    const key = this.#keyOf(use.origin, challenge);
    const known = context.get(key);
    const guessed = challenge !== undefined;
    if (known !== undefined && holds(known, context)) send(use, {kept: known, key, guessed});
    else if (this.#provider !== undefined || (known !== undefined && guessed)) {
      send(use, {kept: await this.#renew(use, key, challenge, known), key, guessed});
    }
  }

  /** A 401. The token sent was for another scope, if it was guessed from what was asked last; else it is refreshed, once. */
  async #refused(use: Use, asked: Challenge | undefined): Promise<boolean> {
    if (asked === undefined && this.#provider === undefined) return false;
    const context = use.download.context as ContextView;
    const challenge = asked ?? context.get(CHALLENGES.of(use.origin, this.#name));
    if (asked !== undefined) context.set(CHALLENGES.of(use.origin, this.#name), asked);
    const key = this.#keyOf(use.origin, challenge);
    const misguessed = use.sent !== undefined && use.sent.guessed && use.sent.key !== key;
    if (!misguessed && use.refreshed) return false;
    use.refreshed ||= !misguessed;
    const known = context.get(key);
    const stale = known === undefined || (known !== use.sent?.kept && holds(known, context)) ? undefined : known;
    send(use, {kept: await this.#renew(use, key, challenge, stale), key, guessed: false});
    return true;
  }

  /** One refresh, shared by all that were refused with the same token. @throws CredentialError */
  async #renew(use: Use, key: ContextKey<Kept>, challenge: Challenge | undefined, stale: Kept | undefined): Promise<Kept> {
    const {download, origin} = use;
    const context = download.context as ContextView;
    const compute = async (signal: AbortSignal): Promise<Kept> => {
      const given = this.#provider === undefined
        ? await askRealm(download, origin, challenge as Challenge, signal)
        : await this.#provider({origin, challenge, signal});
      return keep(given, context.clock.now());
    };
    try {
      return await context.refresh(key, stale, compute, {signal: download.signal});
    } catch (thrown) {
      if (thrown instanceof DownloadError && thrown.class === 'cancelled') throw thrown;
      throw new CredentialError(`no token for ${origin}: ${messageOf(thrown)}`, {cause: thrown, url: origin});
    }
  }

  #keyOf(origin: string, challenge: Challenge | undefined): ContextKey<Kept> {
    return TOKENS.of(origin, this.#name, challenge?.realm, challenge?.service, challenge?.scope);
  }
}

function send(use: Use, sent: NonNullable<Use['sent']>): void {
  use.sent = sent;
  use.download.headers = {...use.download.headers, authorization: `Bearer ${sent.kept.secret.reveal()}`};
}

function holds(kept: Kept, context: ContextView): boolean {
  return kept.until > context.clock.now();
}

function keep(given: string | Token, now: number): Kept {
  const {token, expiresIn} = typeof given === 'string' ? {token: given, expiresIn: undefined} : {...given};
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) throw new CredentialError('expected a token of visible ASCII characters');
  if (expiresIn !== undefined && (typeof expiresIn !== 'number' || !(expiresIn > 0))) {
    throw new CredentialError('expected expiresIn in ms, more than 0');
  }
  return {secret: new Secret(token), until: expiresIn === undefined ? Infinity : now + expiresIn};
}
