import type {FastifyReply, FastifyRequest} from 'fastify';
import type {WriteOptions} from '../contract.js';
import {actorOf, Authority} from './authority.js';
import {HostCheck} from './host-check.js';
import {InFlight} from './in-flight.js';
import {badRequest, Problem} from './problem.js';
import {HEADERS, type Needed, type RouteContract} from './routes-contract.js';
import type {Grant} from './scope.js';
import type {ServerSettings} from './server-options.js';

/** What a route says of itself to Fastify. */
export interface RouteConfig {
  readonly scope?: Needed | undefined;
  readonly contract?: RouteContract | undefined;
}

/** What every request passes before its body is read: the host, the number of requests, the address, the token. */
export class Gate {
  readonly inFlight: InFlight;
  readonly #hosts: HostCheck;
  readonly #authority: Authority;
  readonly #grants = new WeakMap<FastifyRequest, Grant>();
  readonly #addresses: readonly {readonly pattern: RegExp; readonly methods: ReadonlySet<string>}[];

  constructor(settings: ServerSettings, routes: readonly RouteContract[]) {
    this.inFlight = new InFlight(settings.limits.requests);
    this.#hosts = new HostCheck(settings.host, settings.hosts);
    this.#authority = new Authority(settings.tokens);
    this.#addresses = [...new Set(routes.map(({url}) => url))].map((url) => ({
      pattern: new RegExp(`^${url.replace(/:\w+/g, '[^/]+').replace('*', '.*')}$`),
      methods: new Set(routes.filter((route) => route.url === url).map(({method}) => method)),
    }));
  }

  /** @throws Problem */
  async pass(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    reply.header('x-content-type-options', 'nosniff');
    this.#hosts.check(request.raw);
    this.inFlight.admit(reply.raw);
    if (request.is404) throw this.#missing(request);
    const {scope, contract} = configOf(request);
    const grant = await this.#authority.check(request.headers, scope ?? 'read', contract?.classic);
    if (grant !== undefined) this.#grants.set(request, grant);
  }

  /** Whether the token of a request still holds. */
  async holds(request: FastifyRequest): Promise<boolean> {
    try {
      await this.#authority.check(request.headers, configOf(request).scope ?? 'read');
      return true;
    } catch (error) {
      if (error instanceof Problem) return false;
      throw error;
    }
  }

  /** Who writes, and until when. @throws Problem 400 */
  writeOptions(request: FastifyRequest, reply: FastifyReply): WriteOptions {
    const actor = actorOf(this.#grants.get(request), request.headers[HEADERS.actor.toLowerCase()]);
    const requestId = requestIdOf(request.headers[HEADERS.idempotencyKey.toLowerCase()]);
    return {actor, requestId, signal: this.inFlight.signalOf(reply.raw)};
  }

  #missing({url, method}: FastifyRequest): Problem {
    const path = url.split('?', 1)[0] ?? '';
    const methods = this.#addresses.flatMap((address) => address.pattern.test(path) ? [...address.methods] : []);
    if (methods.length === 0 || methods.includes(method)) return Problem.of(404, 'NO_SUCH_ADDRESS');
    return Problem.of(405, 'METHOD_NOT_ALLOWED', undefined, {headers: {allow: methods.join(', ')}});
  }
}

/** What the route of a request says of itself. */
export function configOf(request: FastifyRequest): RouteConfig {
  return request.routeOptions.config as RouteConfig;
}

/** The draft has it in double quotes; many clients leave them out. */
function requestIdOf(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = String(header).replace(/^"(.*)"$/, '$1');
  if (!/^[\x21-\x7e]{1,255}$/.test(text)) throw badRequest('Idempotency-Key: expected 1 to 255 printable characters');
  return text;
}
