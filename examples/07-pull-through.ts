/*
 * A pull-through server: someone else's download gets an HTTP response as its writer. Bytes go to the client as they come;
 * when they turn out to be wrong, the client's connection is reset, so that it never takes them for the file.
 * npx tsx examples/07-pull-through.ts
 */
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {createServer, type RequestListener} from 'node:http';
import type {AddressInfo} from 'node:net';
import {Context, DigestValidation, DownloadError, HeaderDelegate, HttpDownload, StreamWriter, type Download} from 'jupiter-download';

const CONTENT = Buffer.alloc(1_000_000, 'a package, ');
const sha256 = createHash('sha256').update(CONTENT).digest('hex');
const start = async (listener: RequestListener): Promise<{root: string; close: () => void}> => {
  const server = createServer(listener);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {root: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => { server.close().closeAllConnections(); }};
};

const upstream = await start((request, response) => {
  response.setHeader('content-type', 'application/x-tar');
  response.end(request.url === '/tampered' ? Buffer.from(CONTENT).reverse() : CONTENT);
});

/** Knows where files are and what they must be; knows nothing of clients. */
function downloadOf(path: string): Download {
  return new HttpDownload({url: upstream.root + path, validations: [new DigestValidation('sha256', sha256)], retries: 0});
}

const context = new Context();
const front = await start((request, response) => {
  const download = downloadOf(request.url ?? '/');
  const gone = new AbortController();
  response.once('close', () => { gone.abort(); });
  download.writer = new StreamWriter(response);
  download.context = context;
  new HeaderDelegate(response).attach(download);
  download.run(gone.signal).catch((error: unknown) => {
    console.log(`server: ${error instanceof DownloadError ? error.code : String(error)}`);
  });
});

try {
  const good = await fetch(`${front.root}/good`);
  console.log(`client: ${good.status} ${good.headers.get('content-type') ?? ''}, ${(await good.arrayBuffer()).byteLength} bytes`);
  const bad = await fetch(`${front.root}/tampered`);
  console.log(`client: ${await bad.arrayBuffer().then(() => 'took wrong bytes!', (error: unknown) => `reset (${String(error)})`)}`);
} finally {
  await context.close();
  for (const server of [front, upstream]) server.close();
}
