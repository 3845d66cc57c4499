/*
 * A mirror list with a dead, a corrupt and a good mirror, and a repository that wants bearer tokens.
 * npx tsx examples/04-mirrors-and-tokens.ts
 */
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {
  Batch, Context, DigestValidation, HttpDownload, LogDelegate, MirrorDelegate, TokenDelegate, type BufferWriter,
} from 'jupiter-download';

const CONTENT = 'the right bytes';
const sha256 = createHash('sha256').update(CONTENT).digest('hex');
const asked = new Map<string, number>();
const server = createServer((request, response) => {
  const {pathname} = new URL(request.url ?? '/', root);
  asked.set(pathname, (asked.get(pathname) ?? 0) + 1);
  if (pathname === '/mirrors.txt') response.end(`# dead, corrupt, good\nhttp://127.0.0.1:9/\n${root}/corrupt/\n${root}/good/\n`);
  else if (pathname.startsWith('/corrupt/')) response.end('the wrong bytes');
  else if (pathname === '/token') response.end(JSON.stringify({token: 'abc123', expires_in: 300}));
  else if (pathname.startsWith('/private/') && request.headers.authorization !== 'Bearer abc123') {
    response.writeHead(401, {'www-authenticate': `Bearer realm="${root}/token",service="files"`}).end();
  } else response.end(CONTENT);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const context = new Context();
try {
  const mirrored = new HttpDownload({url: 'http://repo.example/file', context, validations: [new DigestValidation('sha256', sha256)]});
  new MirrorDelegate({list: `${root}/mirrors.txt`}).attach(mirrored);
  const {debug: _quiet, ...levels} = console;
  new LogDelegate({...levels, debug: () => undefined}).attach(mirrored);
  await mirrored.run();
  console.log(`from ${mirrored.url}: ${(mirrored.writer as BufferWriter).text()}`);

  // One delegate, many downloads: the first 401 fetches the token for all of them.
  const tokens = new TokenDelegate();
  const downloads = Array.from({length: 20}, (_, at) => new HttpDownload({url: `${root}/private/${at}`}));
  for (const download of downloads) tokens.attach(download);
  for await (const plan of new Batch(downloads, {context})) await plan.result();
  console.log(`20 private files, ${asked.get('/token') ?? 0} token(s) asked for`);
} finally {
  await context.close();
  server.close();
}
