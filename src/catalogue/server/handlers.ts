import type {FastifyReply, FastifyRequest} from 'fastify';
import type {output} from 'zod';
import type {ReleaseCatalogue, WriteOptions} from '../contract.js';
import type {ChangeFeed} from './change-feed.js';
import type {ChangeStreams} from './change-streams.js';
import type {RouteName, Routes} from './routes-contract.js';
import type {Targets} from './targets.js';

/** What every handler works with. */
export interface Workshop {
  readonly catalogue: ReleaseCatalogue;
  readonly targets: Targets;
  readonly feed: ChangeFeed;
  readonly streams: ChangeStreams;
  /** The writer of a request, its Idempotency-Key and its end. @throws Problem 400 */
  readonly writeOptions: (asked: {readonly request: FastifyRequest; readonly reply: FastifyReply}) => WriteOptions;
  /** A stream is no request under way: it has a count of its own. */
  readonly leave: (reply: FastifyReply) => void;
  /** Whether the token of a request still holds. */
  readonly holds: (request: FastifyRequest) => Promise<boolean>;
}

/** A request of a route, with its checked parameters. */
export interface Asked<N extends RouteName> {
  readonly params: output<Routes[N]['params']>;
  readonly query: output<Routes[N]['query']>;
  /** Of small bodies what the schema says; of others any JSON, which the catalogue checks. */
  readonly body: unknown;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Answers a route: with what is sent as JSON, or undefined for no body, or after it has taken the reply for itself. */
export type Handler<N extends RouteName> = (asked: Asked<N>) => Promise<unknown>;

/** The handlers of some routes. */
export type Handlers<N extends RouteName = RouteName> = {readonly [K in N]: Handler<K>};
