import type {ZodType} from 'zod';
import type {Scope} from './scope.js';
import {parameters, schemas, type ZodModule} from './schemas.js';

/** What a token must be allowed for a route; `none`: everybody may. */
export type Needed = Scope | 'none';

/** The names of the request headers that are the catalogue's own, as they are sent. */
export const HEADERS = {
  /** The version of the target that a PATCH or PUT was made from: it is merged. 0 = it didn't exist. */
  mergeBase: 'Merge-Base',
  /** The same as a version of the release, for a part. */
  mergeReleaseBase: 'Merge-Release-Base',
  /** Makes a repeat harmless: it gets the first answer. The draft is draft-ietf-httpapi-idempotency-key-header. */
  idempotencyKey: 'Idempotency-Key',
  /** Who writes, percent-encoded UTF-8; with a token it is shown behind the token's name: `token/actor`. */
  actor: 'Catalogue-Actor',
  /** Of an answer: the version of the release that made what is answered. */
  releaseVersion: 'Catalogue-Release-Version',
} as const;

/** The types of body that are taken. */
export const MEDIA = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  jsonPatch: 'application/json-patch+json',
  mergePatch: 'application/merge-patch+json',
  form: 'application/x-www-form-urlencoded',
  events: 'text/event-stream',
  problem: 'application/problem+json',
} as const;

const CLASSIC_LOCALE = '/api/releases/:name/builds/:platform/:locale';

/**
 * Every route: the one list from which the server is built, the OpenAPI document is made and clients are written.
 * `checks`: who checks the body; the catalogue does so by itself, with better messages.
 */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- zod's types are the declaration
export function routesContract(zod: ZodModule) {
  const {z} = zod;
  const all = schemas(zod);
  const {number, positive, limit, instant, text, flag, oneAtMost} = parameters(zod, all.registry);
  const release = z.strictObject({name: text('the release, as a token of a JSON Pointer: / is ~1, ~ is ~0')});
  const part = z.strictObject({name: text('the release'), '*': text('the part\'s path without its first slash')});
  const change = z.strictObject({seq: positive('the change\'s place in the feed')});
  const locale = z.strictObject({name: z.string(), platform: z.string(), locale: z.string()});
  const none = z.strictObject({});
  const moment = {version: positive('a version of the release').optional(), at: instant.optional()};
  const partMoment = {...moment, partVersion: positive('a version of the part').optional()};
  const write = z.object({'idempotency-key': z.string().optional(), 'catalogue-actor': z.string().optional()});
  const guarded = z.object({...write.shape, 'if-match': z.string().optional(), 'if-none-match': z.string().optional()});
  const merged = z.object({...guarded.shape, 'merge-base': z.string().optional(), 'merge-release-base': z.string().optional()});
  const cached = z.object({'if-none-match': z.string().optional()});
  const newRelease = {product: text('makes the release of this product when it doesn\'t exist').optional(),
    schema: positive('with product: its schema').optional(), hashFunction: text('with product: its hash function').optional()};
  const patch = {[MEDIA.jsonPatch]: z.array(all.operation), [MEDIA.mergePatch]: all.document};
  const {writeResult} = all;

  const routes = {
    health: route('GET', '/health', 'none', 'Whether it works', {
      params: none, query: none, answer: z.strictObject({status: z.literal('ok')}),
    }),
    listReleases: route('GET', '/releases', 'read', 'Releases by name', {
      params: none, answer: z.strictObject({releases: z.array(all.releaseHead)}),
      query: z.strictObject({product: text('only of this product').optional(), after: text('only names after this one').optional(),
        limit: limit.optional()}),
    }),
    createRelease: route('POST', '/releases', 'publish', 'Make a release; nothing when it is there already', {
      params: none, query: none, headers: write, body: {[MEDIA.json]: all.newRelease}, checks: 'schema', answer: writeResult, status: 201,
    }),
    getRelease: route('GET', '/releases/:name', 'read', 'A release with its parts', {
      params: release, query: oneAtMost(z.strictObject(moment)), headers: cached, tagged: true, answer: all.releaseState,
    }),
    removeRelease: route('DELETE', '/releases/:name', 'admin', 'Remove a release', {
      params: release, query: none, headers: guarded, answer: writeResult,
    }),
    getParts: route('GET', '/releases/:name/parts', 'read', 'The documents of all parts by their paths', {
      params: release, query: oneAtMost(z.strictObject(moment)), headers: cached, tagged: true, answer: all.documents,
    }),
    replaceParts: route('PUT', '/releases/:name/parts', 'publish', 'Put documents in the place of all parts', {
      params: release, query: none, headers: merged, body: {[MEDIA.json]: all.documents}, answer: writeResult,
    }),
    patchParts: route('PATCH', '/releases/:name/parts', 'publish', 'Patch any parts', {
      params: release, query: none, headers: merged, body: patch, answer: writeResult,
    }),
    publishFacts: route('POST', '/releases/:name/facts', 'publish', 'Publish facts', {
      params: release, headers: write, answer: writeResult, body: {[MEDIA.json]: z.array(all.fact), [MEDIA.ndjson]: all.fact},
      query: z.strictObject({perItem: flag('refuse bad facts one by one instead of all').optional(), ...newRelease}),
    }),
    setReadOnly: route('PUT', '/releases/:name/read-only', 'admin', 'Close a release to changes, or open it', {
      params: release, query: none, headers: guarded, body: {[MEDIA.json]: all.readOnly}, checks: 'schema', answer: writeResult,
    }),
    getHistory: route('GET', '/releases/:name/history', 'read', 'Changes of a release, newest first', {
      params: release, answer: z.strictObject({changes: z.array(all.change)}),
      query: z.strictObject({path: text('of one part; empty: of the head').optional(),
        before: positive('only versions of the release below this one').optional(), limit: limit.optional()}),
    }),
    getDiff: route('GET', '/releases/:name/diff', 'read', 'What changed between two versions of a release', {
      params: release, query: z.strictObject({from: number('a version'), to: number('a version')}),
      answer: z.strictObject({parts: z.array(all.partDifference)}),
    }),
    getPart: route('GET', '/releases/:name/parts/*', 'read', 'The document of a part; the ETag is its version', {
      params: part, query: oneAtMost(z.strictObject(partMoment)), headers: cached, tagged: true, answer: all.document,
    }),
    replacePart: route('PUT', '/releases/:name/parts/*', 'publish', 'Put a document in the place of a part\'s', {
      params: part, query: none, headers: merged, body: {[MEDIA.json]: all.document}, answer: writeResult,
    }),
    patchPart: route('PATCH', '/releases/:name/parts/*', 'publish', 'Patch a part', {
      params: part, query: none, headers: merged, body: patch, answer: writeResult,
    }),
    removePart: route('DELETE', '/releases/:name/parts/*', 'publish', 'Remove a part', {
      params: part, query: none, headers: guarded, answer: writeResult,
    }),
    listChanges: route('GET', '/changes', 'read', 'The feed of all changes, oldest first; as text/event-stream it goes on', {
      params: none, headers: z.object({'last-event-id': z.string().optional()}), events: true,
      query: z.strictObject({after: text('the last seq that is known, or `latest` for none but new ones').optional(),
        name: text('of one release').optional(), limit: limit.optional()}),
      answer: z.strictObject({changes: z.array(all.change), last: z.int()}),
    }),
    getChange: route('GET', '/changes/:seq', 'read', 'A change with the document that it made', {
      params: change, query: none, answer: all.changeWithDocument,
    }),
    revertChange: route('POST', '/changes/:seq/revert', 'admin', 'Make a part again what it was after that change', {
      params: change, query: none, headers: guarded, answer: writeResult,
    }),
    classicToken: route('GET', '/api/csrf_token', 'none', 'For old clients, who ask for one first', {
      params: none, query: none, classic: true,
    }),
    classicRelease: route('GET', '/api/releases/:name', 'read', 'A release in the classic shape; X-Data-Version is its version', {
      params: release, query: none, answer: all.classicRelease, classic: true,
    }),
    classicLocale: route('GET', CLASSIC_LOCALE, 'read', 'A part in the classic shape', {
      params: locale, query: none, answer: all.document, classic: true,
    }),
    putClassicLocale: route('PUT', CLASSIC_LOCALE, 'publish', 'A part by an old client; data_version is the merge base', {
      params: locale, query: none,
      body: {[MEDIA.json]: all.classicPut, [MEDIA.form]: all.classicPut}, checks: 'schema', answer: all.classicResult, classic: true,
    }),
  };
  return {routes, schemas: all};
}

/** The routes by their names, which are the operations of the document. */
export type Routes = ReturnType<typeof routesContract>['routes'];
/** The name of a route. */
export type RouteName = keyof Routes;

/** One route. */
export interface RouteContract {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As Fastify writes it: `/releases/:name/parts/*`. */
  readonly url: string;
  readonly scope: Needed;
  readonly summary: string;
  readonly params: ZodType;
  readonly query: ZodType;
  /** Beside authorization and host; checked where they are used. */
  readonly headers?: ZodType | undefined;
  /** By media type. */
  readonly body?: Readonly<Record<string, ZodType>> | undefined;
  /** @default 'catalogue' */
  readonly checks?: 'schema' | 'catalogue' | undefined;
  /** Undefined: no body. */
  readonly answer?: ZodType | undefined;
  /** Besides 200. */
  readonly status?: 201 | undefined;
  /** It has an ETag, and 304 for who has it. */
  readonly tagged?: boolean | undefined;
  /** It can be had as a stream of events. */
  readonly events?: boolean | undefined;
  /** It is of the old interface, with its own problems. */
  readonly classic?: boolean | undefined;
}

function route<const R extends Omit<RouteContract, 'method' | 'url' | 'scope' | 'summary'>>(method: RouteContract['method'], url: string,
  scope: Needed, summary: string, rest: R): R & Pick<RouteContract, 'method' | 'url' | 'scope' | 'summary'> {
  return {method, url, scope, summary, ...rest};
}
