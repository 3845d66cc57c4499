/*
 * Many files with a bounded backlog: however long the list, three downloads are alive at once.
 * npx tsx examples/03-batch.ts [URL …]
 */
import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Batch, DownloadError, DownloadMonitor, FileWriter, HttpDownload} from 'jupiter-download';

interface Artifact {
  readonly url: string;
  readonly path: string;
}

const folder = await mkdtemp(join(tmpdir(), 'jupiter-example-'));
const server = createServer((request, response) => {
  response.statusCode = request.url === '/file-7' ? 404 : 200;
  response.end(`content of ${request.url ?? ''}`);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** Rows of a database, lines of a file …: nothing is read before there is room for it. */
async function *artifacts(): AsyncGenerator<Artifact> {
  const given = process.argv.slice(2);
  const urls = given.length > 0 ? given : Array.from({length: 20}, (_, at) => `${root}/file-${at}`);
  for (const [at, url] of urls.entries()) yield await Promise.resolve({url, path: join(folder, `file-${at}`)});
}

async function *downloads(): AsyncGenerator<HttpDownload<Artifact>> {
  for await (const artifact of artifacts()) {
    const download = new HttpDownload({url: artifact.url, writer: new FileWriter(artifact.path), attachment: artifact});
    new DownloadMonitor(download);
    yield download;
  }
}

let [good, failed] = [0, 0];
try {
  for await (const plan of new Batch(downloads(), {backlog: 3})) {
    try {
      const {attachment, facts} = await plan.result();
      good++;
      if (plan.index < 3) console.log(attachment?.url, facts);
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error;
      failed++;
      console.log(`${plan.download.attachment?.url ?? ''} failed: ${error.code}`);
    }
  }
  console.log(`${good} files, ${failed} failed`);
} finally {
  server.close();
  await rm(folder, {recursive: true});
}
