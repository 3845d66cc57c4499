import {createHash} from 'node:crypto';
import * as http from 'node:http';
import type {SecureContext} from 'node:tls';
import {contextKeys} from '../core/context-key.js';
import type {ContextView} from '../core/contract.js';
import type {Proxy} from '../core/settings.js';
import {makeTlsContext, refuseStrays, SecureAgent, type TlsContexts} from './http-agent.js';
import {ForwardAgent, TunnelAgent} from './http-proxy.js';
import {Identities, settingsKey, type HttpSettings} from './http-settings.js';
import {prepareClient, type HttpClient} from './http-transport.js';
import type {TlsMaterial} from './tls-material.js';

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
const TLS_CONTEXTS = contextKeys<SecureContext>('tls-context');
const IDENTITIES = contextKeys<Identities>('http-settings').of();

/** Idle connections are closed after this, ms. */
const IDLE = 4000;

/** The session of these terms: made once a Context. Keys are hashed, so that no secret stands in one. */
export function sessionOf(context: ContextView, terms: SessionTerms): HttpSession {
  const {origin, proxy, tls, settings, identity} = terms;
  const set = settingsKey(settings, context.share(IDENTITIES, () => new Identities()));
  const key = JSON.stringify([proxy?.url, proxy?.user?.name, proxy?.user?.password.reveal(), tls.fingerprint, identity, set]);
  const contexts: TlsContexts = (material, options) =>
    context.share(TLS_CONTEXTS.of(material.fingerprint, set), () => makeTlsContext(material, options));
  return context.share(SESSIONS.of(origin, createHash('sha256').update(key).digest('hex')),
    () => makeSession(terms, context.limits.perOrigin, contexts));
}

/** No limit of sockets: the governor's permits bound them, and a wait inside an agent would count as a slow server. */
function makeSession(terms: SessionTerms, limit: number, contexts: TlsContexts): HttpSession {
  const pooled = makeAgent(terms, {keepAlive: true, maxFreeSockets: limit, timeout: IDLE}, contexts);
  const single = makeAgent(terms, {keepAlive: false}, contexts);
  let fresh: HttpClient | undefined;
  return {
    client: prepareClient(terms, pooled),
    fresh: () => fresh ??= prepareClient(terms, single),
    close: () => {
      pooled.destroy();
      single.destroy();
    },
  };
}

function makeAgent({origin, proxy, tls}: SessionTerms, options: http.AgentOptions, contexts: TlsContexts): http.Agent {
  const secure = origin.startsWith('https:');
  if (proxy === undefined) return refuseStrays(secure ? new SecureAgent(options, tls, contexts) : new http.Agent(options));
  return refuseStrays(secure ? new TunnelAgent(options, proxy, tls, contexts) : new ForwardAgent(options, proxy, tls, contexts));
}
