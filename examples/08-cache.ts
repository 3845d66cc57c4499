/*
 * A cache by content: a second run of an importer takes from its store what it had before, whatever it is called now.
 * npx tsx examples/08-cache.ts
 */
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {chmod, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Batch, DigestValidation, FileWriter, HttpDownload} from 'jupiter-download';
import {CachedDownload, ContentStore} from 'jupiter-download/compose';

const CONTENT = Buffer.alloc(1_000_000, 'a package, ');
const sha256 = createHash('sha256').update(CONTENT).digest('hex');
let requests = 0;
const server = createServer((_request, response) => {
  requests++;
  response.end(CONTENT);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const root = `http://127.0.0.1:${(server.address() as {port: number}).port}`;
const folder = await mkdtemp(join(tmpdir(), 'jupiter-example-'));
const store = new ContentStore({folder: join(folder, 'store')});

/** What a lockfile names: where it is, and what it must be. */
function downloadOf(name: string): CachedDownload {
  return new CachedDownload({
    download: new HttpDownload({url: `${root}/${name}`}),       // retries, mirrors and tokens belong to this one
    store,
    writer: new FileWriter(join(folder, name)),
    validations: [new DigestValidation('sha256', sha256)],
  });
}

async function run(title: string, names: readonly string[]): Promise<void> {
  const from: Record<string, number> = {};
  for await (const plan of new Batch(names.map(downloadOf), {backlog: 10})) {
    const {from: where = 'kept'} = await plan.result() as {from?: string};
    from[where] = (from[where] ?? 0) + 1;
  }
  console.log(`${title}:`, from, `${requests} request(s) so far`);
}

try {
  await run('first', ['a-1.0.tgz', 'b-1.0.tgz', 'c-1.0.tgz']);
  await run('second', ['a-1.0.tgz', 'renamed.tgz']);

  const {path = ''} = await store.get({algorithm: 'sha256', hex: sha256}) ?? {};
  await chmod(path, 0o600);
  await writeFile(path, 'rust');                                // a damaged entry is dropped, and fetched once anew
  await run('third', ['d-1.0.tgz']);
  console.log(await store.verify(), await store.prune({maxBytes: 500_000}));
} finally {
  server.close().closeAllConnections();
  await rm(folder, {recursive: true});
}
