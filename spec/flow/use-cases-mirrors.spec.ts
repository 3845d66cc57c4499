import {expect} from 'chai';
import {createHash} from 'node:crypto';
import {
  Batch, DigestValidation, DownloadError, FileWriter, HttpDownload, MirrorDelegate, type BufferWriter, type Context, type Download,
} from 'jupiter-download';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {useWire} from '../support/wire.js';
import {MirrorDownload, PageMirrorDelegate} from './mirror-examples.js';

const GOOD = 'the right bytes, and more of them '.repeat(10_000);
const BAD = 'the wrong bytes, and more of them '.repeat(10_000);
const SHA256 = createHash('sha256').update(GOOD).digest('hex');
const DEAD = 'http://127.0.0.1:9/file';

type Make = (list: string, context: Context) => Download;

/** Three ways to the same thing. */
const WAYS: Record<string, Make> = {
  'by subclass (MirrorDownload of the page)': (list, context) => new MirrorDownload({url: list, context}),
  'by delegate (MirrorDelegate of the page)': (list, context) => {
    const download = new HttpDownload({url: 'http://repo.invalid/file', context});
    new PageMirrorDelegate(list).attach(download);
    return download;
  },
  'by the MirrorDelegate that is shipped': (list, context) => {
    const download = new HttpDownload({url: 'http://repo.invalid/file', context});
    new MirrorDelegate({list}).attach(download);
    return download;
  },
};

for (const [way, make] of Object.entries(WAYS)) {
  describe(`Use case: mirror list ${way}`, () => {
    const folder = useTempFolder();
    const wire = useWire();
    beforeEach(() => {
      wire.server.on('/good', {body: GOOD}).on('/corrupt', {body: BAD}).on('/cut', {body: GOOD, cutAt: 100_000});
      list('/missing', '/corrupt', '/cut', '/good');
    });

    function list(...paths: string[]): void {
      wire.server.on('/list', {body: paths.map((path) => `${path.startsWith('/') ? wire.server.url(path) : path}\n`).join(''), delayMs: 5});
    }

    function download(): Download {
      return make(wire.server.url('/list'), wire.context).append(new DigestValidation('sha256', SHA256));
    }

    it('falls through missing, corrupt, cut and dead mirrors to the good one', async () => {
      list(DEAD, '/missing', '/corrupt', '/cut', '/good');
      const one = download();
      one.writer = new FileWriter(folder.join('file'));
      const result = await one.run();
      expect(result.attempts.map(({error}) => error?.code)).to.deep.equal(
        ['CONNECT_FAILED', 'NOT_FOUND', 'DIGEST_MISMATCH', 'INTERRUPTED', undefined]);
      expect((await folder.read('file')).toString()).to.equal(GOOD);
      expect(await folder.list()).to.deep.equal(['file']);
      expect(result.facts).to.deep.equal({size: GOOD.length, sha256: SHA256});
    });

    it('keeps nothing of what a corrupt mirror sent', async () => {
      list('/corrupt', '/good');
      const one = download();
      await one.run();
      expect((one.writer as BufferWriter).text()).to.equal(GOOD);
    });

    it('fetches the list once for many concurrent downloads', async () => {
      list('/good');
      let done = 0;
      for await (const plan of new Batch(Array.from({length: 30}, download), {context: wire.context, backlog: 30})) {
        await plan.result();
        done++;
      }
      expect({done, lists: wire.server.requestsFor('/list').length, files: wire.server.requestsFor('/good').length})
        .to.deep.equal({done: 30, lists: 1, files: 30});
    });

    it('fails when the list is empty', async () => {
      list();
      const fault = await download().run().catch((error: unknown) => error);
      expect(fault).to.be.instanceOf(DownloadError);
      expect(wire.server.requests.map(({path}) => path)).to.deep.equal(['/list']);
    });

    it('fails when the list can\'t be had', async () => {
      wire.server.on('/list', {status: 404});
      const fault = await download().run().catch((error: unknown) => error);
      expect(fault).to.be.instanceOf(DownloadError).with.property('code', 'NOT_FOUND');
    });

    it('fails with the last fault when no mirror is good, and publishes nothing', async () => {
      list('/missing', '/corrupt');
      const one = download();
      one.writer = new FileWriter(folder.join('file'));
      const fault = await one.run().catch((error: unknown) => error) as DownloadError;
      expect(fault).to.be.instanceOf(DownloadError);
      expect(fault.code).to.be.oneOf(['DIGEST_MISMATCH', 'MIRRORS_EXHAUSTED']);
      expect(fault.attempts.at(-1)?.error?.code).to.equal('DIGEST_MISMATCH');
      expect(await folder.list()).to.deep.equal([]);
    });
  });
}
