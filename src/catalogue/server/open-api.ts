import type {FastifyDynamicSwaggerOptions} from '@fastify/swagger';
import type {FastifySchema} from 'fastify';
import type * as TypeProvider from 'fastify-type-provider-zod';
import type {ZodObject, ZodType} from 'zod';
import {VERSION} from '../../core/version.js';
import {MEDIA, type RouteContract, type RouteName} from './routes-contract.js';
import type {Schemas} from './schemas.js';

/** The address of the document. */
export const OPEN_API_PATH = '/openapi.json';

/** What stands above the routes in the document (OpenAPI 3.1). */
export const OPEN_API = {
  openapi: '3.1.0',
  info: {
    title: 'Release catalogue', version: VERSION,
    description: 'Where importers publish what they fetched. Answers that are no success are problem+json (RFC 9457).',
  },
  components: {securitySchemes: {token: {type: 'http' as const, scheme: 'bearer'}}},
};

/** What is used of a document. */
interface Document {
  readonly paths?: unknown;
  readonly components?: {readonly schemas?: Readonly<Record<string, unknown>>};
}

type Registry = NonNullable<Parameters<typeof TypeProvider.createJsonSchemaTransform>[0]['schemaRegistry']>;

/** The parameter that takes the rest of a path. */
const REST = 'path';

/** What each status of a refusal means, for the document. */
const REFUSALS: Readonly<Record<number, string>> = {
  400: 'an address, parameter or header is malformed', 401: 'no token that holds', 403: 'the token lacks the scope',
  404: 'it is not there',
  409: 'a conflict; `conflicts` says where', 412: 'If-Match names another version than the one that stands; nothing was merged',
  413: 'the body is too large, packed or unpacked', 415: 'the body is of another type, or in another encoding',
  421: 'the Host is not one of this server',
  422: 'the content is refused; `pointer` says where', 428: 'it exists: If-Match or Merge-Base is needed', 500: 'a fault of the server',
  503: 'locked, overloaded or being stopped; ask again after Retry-After',
};

/** The schema of a route as Fastify takes it, from which the document is made. */
export function fastifySchema(name: RouteName, route: RouteContract, schemas: Schemas): FastifySchema {
  const problem = route.classic === true ? schemas.classicProblem : schemas.problem;
  const refusals = statusesOf(route).map((status): [number, unknown] =>
    [status, {description: REFUSALS[status], content: {[MEDIA.problem]: {schema: problem}}}]);
  const answers: [number, unknown][] = [
    [route.status ?? 200, answerOf(route, route.summary, schemas)],
    ...(route.tagged === true ? [[304, schemas.nothing] as [number, unknown]] : []),
    ...(route.status === undefined ? [] : [[200, answerOf(route, 'It was there already', schemas)] as [number, unknown]]),
  ];
  return {
    operationId: name, summary: route.summary, params: route.params, querystring: route.query,
    ...route.headers !== undefined && {headers: route.headers},
    ...route.body !== undefined && {body: {content: contentOf(route.body)}},
    response: Object.fromEntries([...answers, ...refusals]),
    security: route.scope === 'none' ? [] : [{token: []}],
    description: route.scope === 'none' ? 'Needs no token.' : `Needs the scope ${route.scope}.`,
  };
}

/** How the document is made from the schemas of the routes. */
export function swaggerOptions(provider: typeof TypeProvider, schemas: Schemas): FastifyDynamicSwaggerOptions {
  const schemaRegistry = schemas.registry as Registry;
  const transform = provider.createJsonSchemaTransform({schemaRegistry});
  const transformObject = provider.createJsonSchemaTransformObject({schemaRegistry});
  return {
    openapi: OPEN_API, transformObject: (given) => withoutUnused(transformObject(given)) as ReturnType<typeof transformObject>,
    transform: (given) => {
      const {body, ...rest} = given.schema as FastifySchema & {body?: {content: Record<string, {schema: ZodType}>}};
      const {schema} = transform({...given, schema: rest});
      // The provider knows bodies of one type only.
      const bodies = Object.entries(body?.content ?? {}).map(([type, {schema: inner}]) =>
        [type, {schema: (transform({...given, schema: {body: inner}}).schema as {body: unknown}).body}] as const);
      const params = (schema as {params?: {properties?: Record<string, unknown>; required?: string[]}}).params;
      return {
        url: given.url.replace('*', `:${REST}`),
        schema: {
          ...schema, ...params !== undefined && {params: withNamedRest(params)},
          ...body !== undefined && {body: {content: Object.fromEntries(bodies)}},
        },
      };
    },
  };
}

/** The document has no word for "the rest of the path"; its name is said at least. */
function withNamedRest(params: {properties?: Record<string, unknown>; required?: string[]}): object {
  const named = (name: string): string => name === '*' ? REST : name;
  const properties = Object.fromEntries(Object.entries(params.properties ?? {}).map(([name, schema]) => [named(name), schema]));
  return {...params, properties, required: params.required?.map(named)};
}

/** Each schema has two forms, for what is sent and what is answered; most are needed in one only. */
function withoutUnused(document: Document): Document {
  const schemas = document.components?.schemas ?? {};
  const used = new Set<string>();
  const look = (value: unknown): void => {
    for (const [, name = ''] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name)) continue;
      used.add(name);
      look(schemas[name]);
    }
  };
  look(document.paths);
  const kept = Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)));
  return {...document, components: {...document.components, schemas: kept}};
}

function contentOf(types: Readonly<Record<string, ZodType>>): Record<string, {schema: ZodType}> {
  return Object.fromEntries(Object.entries(types).map(([type, schema]) => [type, {schema}]));
}

function answerOf({answer, events}: RouteContract, description: string, {nothing}: Schemas): unknown {
  if (answer === undefined) return nothing;
  return {description, content: contentOf({[MEDIA.json]: answer, ...events === true && {[MEDIA.events]: answer}})};
}

function statusesOf({scope, method, url, body, headers, classic}: RouteContract): number[] {
  const always = [
    400, 421, 500, 503, ...(scope === 'none' ? [] : [401, 403]), ...(url.includes(':') ? [404] : []),
    ...(body === undefined ? [] : [413, 415]),
  ];
  if (classic === true || scope === 'none') return always;
  const isGuarded = headers !== undefined && 'if-match' in (headers as ZodObject).shape;
  const guards = isGuarded ? [412, ...(method === 'POST' ? [] : [428])] : [];
  return [...always, 422, ...(method === 'GET' ? [] : [409]), ...guards];
}
