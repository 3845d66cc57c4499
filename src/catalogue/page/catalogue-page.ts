import {createHash} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import type {FastifyInstance} from 'fastify';
import {isKnown} from '../server/preconditions.js';

/** The files of the page: where each is had, and what it is. `/` is the page, the rest belongs to it. */
export const PAGE_FILES: readonly PageFile[] = [
  {url: '/', name: 'index.html', type: 'text/html; charset=utf-8'},
  {url: '/page/page.css', name: 'page.css', type: 'text/css; charset=utf-8'},
  {url: '/page/icon.svg', name: 'icon.svg', type: 'image/svg+xml'},
  ...[
    'main', 'activity-view', 'api', 'change-stream', 'diff-view', 'differences', 'elements', 'facts', 'figures', 'history-view', 'pager',
    'part-view', 'release-list', 'release-view', 'route', 'values',
  ].map((name) => ({url: `/page/${name}.js`, name: `${name}.js`, type: 'text/javascript; charset=utf-8'})),
];

/** One file of the page. */
export interface PageFile {
  /** Its address on the server. */
  readonly url: string;
  /** Its name in `static/`. */
  readonly name: string;
  readonly type: string;
}

/**
 * The page runs nothing and loads nothing but what the server itself has, is shown in no frame, and its scripts can't turn
 * texts into HTML (Trusted Types): a name that looks like a script stays a name.
 */
export const PAGE_POLICY = 'default-src \'none\'; script-src \'self\'; style-src \'self\'; img-src \'self\'; connect-src \'self\'; '
  + 'base-uri \'none\'; form-action \'none\'; frame-ancestors \'none\'; require-trusted-types-for \'script\'; trusted-types \'none\'';

const HEADERS = {
  'content-security-policy': PAGE_POLICY, 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-origin', 'cache-control': 'no-cache',
} as const;

/**
 * Where the files are. They are not compiled, so they stay in `src`, which is in the package; from `dist/catalogue/page` and
 * from `src/catalogue/page` the way to them is the same.
 */
const STATIC = new URL('../../../src/catalogue/page/static/', import.meta.url);

/**
 * Adds the page for people to a catalogue's server. It needs no token: all that it shows it asks for itself, with the token
 * that its reader gives it.
 *
 * @throws Error of the file system when a file of the page is missing
 */
export async function addCataloguePage(app: FastifyInstance): Promise<void> {
  for (const {url, name, type} of PAGE_FILES) {
    const body = await readFile(new URL(name, STATIC));
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    app.get(url, {config: {scope: 'none'}, schema: {hide: true}}, async (request, reply) => {
      reply.headers({...HEADERS, etag});
      return isKnown(request.headers['if-none-match'], etag) ? reply.code(304).send() : reply.type(type).send(body);
    });
  }
}
