import type {IncomingHttpHeaders, IncomingMessage} from 'node:http';
import type {Scope} from './scope.js';

/** A request as an added route or hook gets it: of a FastifyRequest what needs no types but Node's. */
export interface AppRequest {
  readonly raw: IncomingMessage;
  readonly headers: IncomingHttpHeaders;
  readonly params: unknown;
  readonly query: unknown;
}

/** A reply as an added route gets it: of a FastifyReply what needs no types but Node's. */
export interface AppReply {
  code(status: number): this;
  header(name: string, value: string): this;
  send(body?: unknown): this;
}

/** Answers an added route: with what is sent as JSON, or by the reply. */
export type AppHandler = (request: AppRequest, reply: AppReply) => unknown;

/**
 * What routes are added to: of a FastifyInstance what needs no types but Node's, so that who uses a catalogue without its
 * server has no use for Fastify's.
 */
export interface ExtendableApp {
  get(path: string, handler: AppHandler): unknown;
  get(path: string, options: {readonly config: {readonly scope?: Scope | 'none' | undefined}}, handler: AppHandler): unknown;
  addHook(name: 'onRequest' | 'preHandler' | 'onSend' | 'onResponse', hook: (request: AppRequest, reply: AppReply) => Promise<unknown>): unknown;
}
