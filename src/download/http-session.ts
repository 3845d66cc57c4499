import {createHash} from 'node:crypto';
import * as http from 'node:http';
import * as https from 'node:https';
import {contextKeys} from '../core/context-key.js';
import type {ContextView} from '../core/contract.js';
import type {Proxy} from '../core/settings.js';
import {ForwardAgent, TunnelAgent} from './http-proxy.js';
import type {HttpSettings} from './http-settings.js';
import type {TlsMaterial} from './tls-material.js';
import {prepareClient, type HttpClient} from './http-transport.js';

/** Everything that makes one connection differ from another. */
export interface SessionTerms {
  /** scheme + host + port. */
  readonly origin: string;
  readonly proxy: Proxy | undefined;
  readonly tls: TlsMaterial;
  readonly settings: HttpSettings;
  /** Who asks, as a name for the key. */
  readonly identity: string;
}

/** Connections and prepared client for one origin under one set of terms; shared through the Context. */
export interface HttpSession {
  readonly client: HttpClient;
  /** The same, without pooled connections: for the replay of one that died. */
  fresh(): HttpClient;
  close(): void;
}

const SESSIONS = contextKeys<HttpSession>('http-session');
const IDENTITIES = contextKeys<Identities>('http-settings').of();

/** Idle connections are closed after this, ms. */
const IDLE = 4000;

/** The session of these terms: made once a Context. Keys are hashed, so that no secret stands in one. */
export function sessionOf(context: ContextView, terms: SessionTerms): HttpSession {
  const {origin, proxy, tls, settings, identity} = terms;
  const key = JSON.stringify([origin, proxy?.url, proxy?.user?.name, proxy?.user?.password.reveal(), tls.fingerprint, identity,
    settingsKey(settings, context.share(IDENTITIES, () => new Identities()))]);
  return context.share(SESSIONS.of(origin, createHash('sha256').update(key).digest('hex')), () => makeSession(terms, context));
}

function makeSession(terms: SessionTerms, context: ContextView): HttpSession {
  const pooled = makeAgent(terms, {keepAlive: true, maxSockets: context.limits.perOrigin, maxFreeSockets: context.limits.perOrigin, timeout: IDLE});
  const single = makeAgent(terms, {keepAlive: false});
  return {
    client: prepareClient(terms, pooled),
    fresh: () => prepareClient(terms, single),
    close: () => {
      pooled.destroy();
      single.destroy();
    },
  };
}

function makeAgent({origin, proxy, tls}: SessionTerms, options: http.AgentOptions): http.Agent {
  const secure = origin.startsWith('https:');
  if (proxy !== undefined) {
    const proxied = {...options, proxy, proxyAuthorities: tls.authorities};
    return secure ? new TunnelAgent(proxied) : new ForwardAgent(proxied) as http.Agent;
  }
  return secure ? new https.Agent(options) : new http.Agent(options);
}

/** Numbers for what can only be told apart by identity. */
class Identities {
  readonly #numbers = new WeakMap<object, number>();
  #last = 0;

  of(thing: object): string {
    const number = this.#numbers.get(thing) ?? ++this.#last;
    this.#numbers.set(thing, number);
    return `#${number}`;
  }
}

/** Plain values by content; functions and instances by identity. */
function settingsKey(settings: HttpSettings, identities: Identities): string {
  return JSON.stringify(settings, (_name, value: unknown) => {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return value;
    return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype ? value : identities.of(value);
  });
}
