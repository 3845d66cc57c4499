/*
 * A delegate of one's own: asks a second host when the first says "not here", and counts how often that helped.
 * npx tsx examples/05-write-a-delegate.ts
 */
import {once} from 'node:events';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {Batch, Event, HttpDownload, NotFound, type Delegate, type DownloadView, type Registry} from 'jupiter-download';

/** Takes files that are missing from an archive, under the same path. */
class ArchiveDelegate implements Delegate {
  /** How many files the archive had. */
  helped = 0;
  readonly #archive: string;

  constructor(archive: string) {
    this.#archive = archive;
  }

  /** What is known of one download lives in here: a delegate serves many. */
  attach(download: DownloadView & Registry): void {
    let asked = false;
    download.register(Event.PREPARED, () => { download.retries += 1; });
    download.register(Event.ERROR, (event) => {
      if (asked || !(event.error instanceof NotFound)) return;
      asked = true;
      const {pathname, search} = new URL(download.originalUrl);
      // Headers and credentials stay with the first host: they were given for its origin.
      download.url = new URL(pathname + search, this.#archive).href;
      event.repaired = true;
    });
    download.register(Event.SUCCEEDED, () => { if (asked) this.helped++; }, {observe: true});
  }
}

const current = createServer((request, response) => {
  response.statusCode = request.url?.endsWith('-old') === true ? 404 : 200;
  response.end('from the current host');
});
const archive = createServer((_request, response) => response.end('from the archive'));
const rootOf = async (server: typeof current): Promise<string> => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

try {
  const [root, second] = [await rootOf(current), await rootOf(archive)];
  const delegate = new ArchiveDelegate(second);
  const downloads = ['/a', '/b-old', '/c', '/d-old'].map((path) => new HttpDownload({url: root + path}));
  for (const download of downloads) delegate.attach(download);
  for await (const plan of new Batch(downloads, {order: 'input'})) {
    const {attempts} = await plan.result();
    console.log(`${plan.download.originalUrl} came from ${plan.download.url} after ${attempts.length} attempt(s)`);
  }
  console.log(`the archive helped ${delegate.helped} times`);
} finally {
  for (const server of [current, archive]) server.close();
}
