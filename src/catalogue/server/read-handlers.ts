import {startOf} from './change-streams.js';
import type {Asked, Handlers, Workshop} from './handlers.js';
import {entityTag, isKnown} from './preconditions.js';
import type {RouteName} from './routes-contract.js';
import {HEADERS, MEDIA} from './routes-contract.js';
import {nameOf, pointerOf} from './url-names.js';

type ReadName = 'health' | 'listReleases' | 'getRelease' | 'getParts' | 'getPart' | 'getHistory' | 'getDiff' | 'getChange' | 'listChanges';

/** The handlers of the routes that change nothing. */
export function readHandlers({catalogue, feed, streams, holds, leave}: Workshop): Handlers<ReadName> {
  return {
    health: async () => {
      await catalogue.list({limit: 1});
      return {status: 'ok'};
    },
    listReleases: async ({query}) => ({releases: await catalogue.list(query)}),
    getRelease: async (asked) => {
      const release = await catalogue.get(nameOf(asked.params.name), asked.query);
      return tagged(asked, release.version, release.version, release);
    },
    getParts: async (asked) => {
      const {version, parts} = await catalogue.get(nameOf(asked.params.name), asked.query);
      return tagged(asked, version, version, Object.fromEntries(parts.map(({path, document}) => [path, document])));
    },
    getPart: async (asked) => {
      const {params, query} = asked;
      const part = await catalogue.getPart(nameOf(params.name), pointerOf(params['*']), query);
      return tagged(asked, part.version, part.releaseVersion, part.document);
    },
    getHistory: async ({params, query}) => ({changes: await catalogue.history(nameOf(params.name), query)}),
    getDiff: async ({params, query}) => ({parts: await catalogue.diff(nameOf(params.name), query.from, query.to)}),
    getChange: async ({params}) => catalogue.change(params.seq),
    listChanges: async ({query, request, reply}) => {
      const {after, ...rest} = query;
      const {headers} = request;
      const wantsEvents = (headers.accept ?? '').includes(MEDIA.events);
      const start = await startOf(wantsEvents ? headers['last-event-id'] as string | undefined : undefined, after, () => feed.last());
      if (!wantsEvents) {
        const changes = await catalogue.changes({after: start, ...rest});
        return {changes, last: changes.at(-1)?.seq ?? start};
      }
      streams.check();
      reply.hijack();
      leave(reply);
      streams.start(reply.raw, {after: start, name: query.name, holds: () => holds(request)});
      return undefined;
    },
  };
}

/** An answer with its entity tag, or 304 to a client who has it. */
function tagged<N extends RouteName>({request, reply}: Asked<N>, version: number, releaseVersion: number, body: unknown): unknown {
  const tag = entityTag(version);
  reply.header('etag', tag).header('cache-control', 'private, no-cache').header(HEADERS.releaseVersion.toLowerCase(), releaseVersion);
  if (!isKnown(request.headers['if-none-match'], tag)) return body;
  reply.code(304);
  return undefined;
}
