import type {Socket} from 'node:net';
import type {Readable} from 'node:stream';
import type {FastifyInstance, FastifyRequest} from 'fastify';
import {addCataloguePage} from '../page/catalogue-page.js';
import {answerProblem} from './answer-problem.js';
import {parseBody} from './body-parser.js';
import {readBody} from './body-reader.js';
import {ChangeFeed} from './change-feed.js';
import {ChangeStreams} from './change-streams.js';
import {classicHandlers} from './classic-handlers.js';
import {CountedCatalogue, STATS_PATH} from './counted-catalogue.js';
import {loadFramework} from './framework.js';
import {configOf, Gate} from './gate.js';
import type {Workshop} from './handlers.js';
import {OPEN_API_PATH, swaggerOptions} from './open-api.js';
import {Problem} from './problem.js';
import {readHandlers} from './read-handlers.js';
import {registerRoutes} from './register-routes.js';
import {MEDIA, routesContract} from './routes-contract.js';
import type {ServerSettings} from './server-options.js';
import {Targets} from './targets.js';
import {writeHandlers} from './write-handlers.js';

/** The server before it listens. */
export interface CatalogueApp {
  readonly app: FastifyInstance;
  readonly gate: Gate;
  readonly streams: ChangeStreams;
}

/** Puts the server together. @throws Error with the code ERR_OPTIONAL_MISSING */
export async function catalogueApp(settings: ServerSettings): Promise<CatalogueApp> {
  const {fastify, swagger, provider, zod} = await loadFramework();
  const contract = routesContract(zod);
  const {clock, limits} = settings;
  const catalogue = new CountedCatalogue(settings.catalogue, clock);
  const gate = new Gate(settings, Object.values(contract.routes));
  const feed = new ChangeFeed(catalogue, clock, settings.interval);
  const streams = new ChangeStreams(feed, clock, {most: limits.streams, beat: settings.beat});
  const report = (request: FastifyRequest) => (error: unknown): void => {
    settings.report({method: request.method, route: request.routeOptions.url, error});
  };
  const app = fastify({
    requestTimeout: limits.requestTimeout, keepAliveTimeout: 5000, forceCloseConnections: true,
    http: {maxHeaderSize: 16_384, headersTimeout: Math.min(10_000, limits.requestTimeout)},
    routerOptions: {maxParamLength: 16_384},
    frameworkErrors: (error, request, reply) => { answerProblem(reply, error, false, report(request)); },
    clientErrorHandler,
  });
  app.server.maxConnections = limits.connections;
  app.addHook('onRequest', async (request, reply) => gate.pass(request, reply));
  app.setErrorHandler((error, request, reply) => {
    answerProblem(reply, error, configOf(request).contract?.classic === true, report(request));
  });
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request: FastifyRequest, payload: Readable) => bodyOf(request, payload, limits.bodyBytes));
  await app.register(swagger, swaggerOptions(provider, contract.schemas));

  const workshop: Workshop = {
    catalogue, feed, streams, targets: new Targets(catalogue),
    writeOptions: ({request, reply}) => gate.writeOptions(request, reply),
    leave: (reply) => { gate.inFlight.release(reply.raw); },
    holds: (request) => gate.holds(request),
  };
  registerRoutes(app, contract, {...readHandlers(workshop), ...writeHandlers(workshop), ...classicHandlers(workshop)}, provider);
  app.get(OPEN_API_PATH, {config: {scope: 'none'}, schema: {hide: true}}, async () => app.swagger());
  app.get(STATS_PATH, {config: {scope: 'read'}, schema: {hide: true}}, async (_, reply) =>
    reply.header('cache-control', 'no-store').send(catalogue.counts));
  await addCataloguePage(app);
  settings.extend(app);
  await app.ready();
  return {app, gate, streams};
}

/** The body of a request, if its route takes one of this type. @throws Problem, InvalidDocument */
async function bodyOf(request: FastifyRequest, payload: Readable, limit: number): Promise<unknown> {
  const {body = {}} = configOf(request).contract ?? {};
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(';').map((part) => part.trim());
  const isText = parameters.every((parameter) => /^charset="?utf-8"?$/.test(parameter));
  if (!Object.hasOwn(body, type) || !isText) {
    const types = Object.keys(body);
    const expected = types.length === 0 ? 'no body is expected' : `expected ${types.join(' or ')}, in UTF-8`;
    throw Problem.of(415, 'UNSUPPORTED_MEDIA_TYPE', expected, {headers: {connection: 'close'}});
  }
  return parseBody(await readBody(payload, request.headers, limit), type);
}

/** What is no HTTP is answered before Fastify sees it. */
function clientErrorHandler(error: Error & {code?: string}, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, reason] = error.code === 'HPE_HEADER_OVERFLOW' ? [431, 'Request Header Fields Too Large']
    : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? [408, 'Request Timeout'] : [400, 'Bad Request'];
  const body = JSON.stringify(Problem.of(status, 'BAD_REQUEST', 'no HTTP request that can be read').body);
  socket.end(`HTTP/1.1 ${status} ${reason}\r\ncontent-type: ${MEDIA.problem}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`
    + `connection: close\r\n\r\n${body}`);
}
