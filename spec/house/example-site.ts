import {createHash} from 'node:crypto';
import type {Answer} from '../../src/testing/answer.js';
import {ScriptedServer, type RecordedRequest} from '../../src/testing/scripted-server.js';

/** 64 KiB that every ordinary path of the site answers with. */
export const CONTENT = Buffer.from(Array.from({length: 65_536}, (_, at) => (at * 31 + (at >> 8)) % 251));
/** The SHA-256 of CONTENT, hex. */
export const CONTENT_SHA256 = createHash('sha256').update(CONTENT).digest('hex');
/** The bearer token that `/token` hands out and `/private/…` wants. */
const TOKEN = 'example-token-0123456789';
const DEAD = 'http://127.0.0.1:9/';

/**
 * The local server that documentation and examples are run against:
 * - any path: CONTENT, with ranges and a strong ETag;
 * - `/missing/…`: 404; `/corrupt/…`: as many bytes, but others; `/flaky/…`: cut in the middle at the first time;
 * - `/busy/…`: 503 with `Retry-After: 0` at the first time; `/moved/…`: redirects to the same path without `/moved`;
 * - `/private/…`: 401 with a bearer challenge unless it gets the token; `/token`: `{"token": …, "expires_in": 300}`;
 * - `/mirrors.txt`: a list of a dead, a corrupt and a good mirror; `/SHA256SUMS`: one.bin, two.bin and three.bin.
 */
export async function startExampleSite(): Promise<ScriptedServer> {
  const site = await ScriptedServer.start();
  return site
    .on('/mirrors.txt', () => ({body: `# dead, corrupt, good\n${DEAD}\n${site.url('/corrupt/')}\n${site.url('/mirror/')}\n`}))
    .on('/SHA256SUMS', {body: ['one', 'two', 'three'].map((name) => `${CONTENT_SHA256}  ${name}.bin\n`).join('')})
    .on('/token', {headers: {'Content-Type': 'application/json'}, body: JSON.stringify({token: TOKEN, expires_in: 300})})
    .on('*', (request) => answer(site, request));
}

function answer(site: ScriptedServer, request: RecordedRequest): Answer {
  const whole: Answer = {body: CONTENT, ranges: true, headers: {ETag: `"${CONTENT_SHA256.slice(0, 16)}"`}};
  const [, section = ''] = request.path.split('/');
  switch (section) {
    case 'missing': return {status: 404, body: 'there is no such file\n'};
    case 'corrupt': return {body: Buffer.from(CONTENT).reverse()};
    case 'flaky': return request.nth === 1 ? {...whole, cutAt: CONTENT.length / 2} : whole;
    case 'busy': return request.nth === 1 ? {status: 503, headers: {'Retry-After': '0'}} : whole;
    case 'moved': return {status: 302, headers: {Location: site.url(request.path.slice('/moved'.length))}};
    case 'private': return request.headers.authorization === `Bearer ${TOKEN}` ? whole
      : {status: 401, headers: {'WWW-Authenticate': `Bearer realm="${site.url('/token')}",service="example"`}};
    default: return whole;
  }
}
