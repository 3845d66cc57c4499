/*
 * One file: progress, the result, and how a failure looks.
 * npx tsx examples/01-first-download.ts [URL of a file]
 */
import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DownloadError, FileWriter, HttpDownload, nameFromUrl, ProgressMonitor} from 'jupiter-download';

const folder = await mkdtemp(join(tmpdir(), 'jupiter-example-'));
const server = createServer((request, response) => {
  response.statusCode = request.url === '/missing' ? 404 : 200;
  response.end(Buffer.alloc(5_000_000));
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const url = process.argv[2] ?? `${root}/five-megabytes.bin`;

try {
  const download = new HttpDownload({url, writer: new FileWriter(join(folder, nameFromUrl(url)))});
  const progress = new ProgressMonitor(download);
  download.register('replied', ({reply}) => { console.log(`${reply.status}, ${reply.length ?? 'unknown'} bytes to come`); });
  const {path, facts, attempts} = await download.run();
  console.log(`${path ?? ''}: ${facts.size} bytes in ${attempts.length} attempt(s), ${progress.progress().percent ?? 0} %`);

  const missing = new HttpDownload({url: `${root}/missing`, writer: new FileWriter(join(folder, 'missing'))});
  await missing.run().catch((error: unknown) => {
    if (!(error instanceof DownloadError)) throw error;
    console.log(`as expected: ${error.code}, nothing was written`);
  });
} finally {
  server.close();
  await rm(folder, {recursive: true});
}
