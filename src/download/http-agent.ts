import type * as http from 'node:http';
import * as https from 'node:https';
import type {Duplex} from 'node:stream';
import * as tls from 'node:tls';
import type {TlsMaterial} from './tls-material.js';

/** What node's agents hand to `createConnection`: the options of the request and of the agent, joined. */
export type ConnectOptions = https.RequestOptions;

/** What is called with a new connection; with an error alone when there is none, which node's types don't say. */
export type Made = (error: Error | null, socket: Duplex) => void;

/** Gives the TLS context of some material; `options` are node's others: ciphers, versions and the like. */
export type TlsContexts = (material: TlsMaterial, options: tls.SecureContextOptions) => tls.SecureContext;

/**
 * Https with a TLS context made once for all connections: reading 150 authorities takes 40 ms, and given with each
 * request they would become a part of node's name for the pool, joined anew each time.
 */
export class SecureAgent extends https.Agent {
  readonly #material: TlsMaterial;
  readonly #contexts: TlsContexts;

  constructor(options: https.AgentOptions, material: TlsMaterial, contexts: TlsContexts) {
    super(options);
    this.#material = material;
    this.#contexts = contexts;
  }

  override createConnection(options: ConnectOptions, made?: Made): Duplex | null | undefined {
    return super.createConnection({...options, secureContext: this.#contexts(this.#material, options)} as ConnectOptions, made);
  }
}

/** Makes a TLS context. */
export function makeTlsContext({authorities, certificate, key}: TlsMaterial, options: tls.SecureContextOptions): tls.SecureContext {
  return tls.createSecureContext({
    ...options,
    ...authorities === undefined ? {} : {ca: authorities},
    ...certificate === undefined ? {} : {cert: certificate, key: key?.reveal()},
  });
}

/** The documented hooks of an agent's pool, as node calls them. */
interface PoolHooks {
  keepSocketAlive(socket: Duplex): boolean;
  reuseSocket(socket: Duplex, request: http.ClientRequest): void;
}

/** Makes an agent close an idle connection on which bytes arrive: nobody asked for them, so they are no answer to the next request. */
export function refuseStrays<A extends http.Agent>(agent: A): A {
  const hooks = agent as unknown as PoolHooks;
  const keep = hooks.keepSocketAlive.bind(hooks);
  const reuse = hooks.reuseSocket.bind(hooks);
  hooks.keepSocketAlive = (socket) => {
    const kept = keep(socket);
    if (kept) socket.on('data', closeStray);
    return kept;
  };
  hooks.reuseSocket = (socket, request) => {
    socket.off('data', closeStray);
    reuse(socket, request);
  };
  return agent;
}

function closeStray(this: Duplex): void {
  this.destroy();
}
