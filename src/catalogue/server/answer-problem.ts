import type {FastifyReply} from 'fastify';
import {cleanCause} from '../../core/foreign-error.js';
import {classicProblemOf} from './classic-problem.js';
import {badRequest, Problem, problemOf} from './problem.js';
import {MEDIA} from './routes-contract.js';

/** What is used of Fastify's own errors. */
interface FastifyFault {
  readonly code?: string;
  readonly validation?: readonly {readonly instancePath?: string; readonly message?: string; readonly keyword?: string}[];
  readonly validationContext?: string;
}

/** Answers with a problem. @param report told of what is the server's own fault */
export function answerProblem(reply: FastifyReply, error: unknown, classic: boolean, report: (error: unknown) => void): void {
  const old = classic ? classicProblemOf(error) : undefined;
  if (old !== undefined) {
    send(reply, old.body.status, old.body);
    return;
  }
  const problem = problemOf(error) ?? fastifyProblem(error) ?? internal();
  const {body, headers} = problem;
  if (body.status === 500) report(cleanCause(error));
  // Old clients know refusals by 400 alone.
  const status = classic && body.status === 422 ? 400 : body.status;
  const shown = classic ? {...body, type: 'about:blank', detail: body.detail ?? body.title, status} : body;
  send(reply.headers(headers), status, shown);
}

function send(reply: FastifyReply, status: number, body: object): void {
  void reply.code(status).header('cache-control', 'no-store').header('content-type', MEDIA.problem).send(JSON.stringify(body));
}

function internal(): Problem {
  return Problem.of(500, 'INTERNAL');
}

function fastifyProblem(error: unknown): Problem | undefined {
  const {code = '', validation, validationContext} = error as FastifyFault;
  if (validation !== undefined) return invalidRequest(validation, validationContext);
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return Problem.of(415, 'UNSUPPORTED_MEDIA_TYPE');
  if (code === 'FST_ERR_BAD_URL' || code === 'FST_ERR_CTP_INVALID_CONTENT_LENGTH') return badRequest('a malformed address or length');
  return undefined;
}

/** A body is content: 422. An address is not: 400. */
function invalidRequest(faults: NonNullable<FastifyFault['validation']>, context: string | undefined): Problem {
  const [fault] = faults;
  const place = fault?.instancePath === '/' ? '' : fault?.instancePath ?? '';
  // The name of an unknown one is not told: it may be a secret in the wrong place.
  const message = fault?.keyword === 'unrecognized_keys' ? 'has a member that is not known' : fault?.message ?? 'invalid';
  if (context !== 'body') return badRequest(`${place.slice(1) || (context ?? 'request')}: ${message}`);
  return Problem.invalid(`${place === '' ? 'the body' : place}: ${message}`, place);
}
