import {expect} from 'chai';
import {readFile} from 'node:fs/promises';
import {CachedDownload} from '../../src/compose/cached-download.js';
import type {CachedDownloadOptions} from '../../src/compose/cached-download-options.js';
import {ContentStore} from '../../src/compose/content-store.js';
import {SystemClock} from '../../src/core/clock.js';
import {Context} from '../../src/core/context.js';
import {SystemDisk} from '../../src/core/disk.js';
import {Cancelled, NotAuthorized, NotFound, WriterError} from '../../src/core/errors.js';
import {HttpDownload, type HttpDownloadOptions} from '../../src/download/http-download.js';
import {patterned} from '../../src/testing/bytes.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {FaultyDisk} from '../../src/testing/faulty-disk.js';
import {Moment} from '../../src/testing/moment.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {FileWriter} from '../../src/writer/file-writer.js';
import {expectNothingLeft} from '../support/left-open.js';
import {useWire} from '../support/wire.js';
import {digestOf} from './stores.js';

const BYTES = patterned(1_000_000);
const SHA256 = digestOf(BYTES);

describe('CachedDownload, many at once', () => {
  const folder = useTempFolder();
  const wire = useWire({clock: () => new SystemClock()});
  let store: ContentStore;
  beforeEach(() => {
    wire.server.on('/file', {body: BYTES});
    store = new ContentStore({folder: folder.join('store'), durability: 'none'});
  });

  const cached = (path = '/file', options: Partial<CachedDownloadOptions> = {}, inner: Partial<HttpDownloadOptions> = {}): CachedDownload =>
    new CachedDownload({
      download: new HttpDownload({url: wire.server.url(path), retries: 0, ...inner}), store, context: wire.context,
      validations: [new DigestValidation('sha256', SHA256.hex)], ...options,
    });
  const leftovers = async (): Promise<string[]> => (await folder.list()).filter((name) => name.startsWith('store/tmp/') && name !== 'store/tmp/');
  /** Scripts a path whose answer waits until `moment.reach()`. */
  const held = (path: string): Moment => {
    const moment = new Moment();
    wire.server.on(path, async () => {
      await moment.reached;
      return {body: BYTES};
    });
    return moment;
  };

  it('asks once for a hundred', async () => {
    const downloads = Array.from({length: 100}, (_, at) => cached('/file', {writer: new FileWriter(folder.join(`${at}`), {durability: 'none'})}));
    const results = await Promise.all(downloads.map((download) => download.run()));
    expect(wire.server.requests).to.have.length(1);
    expect(results.filter(({from}) => from === 'source')).to.have.length(1);
    expect((await readFile(folder.join('99'))).equals(BYTES)).to.equal(true);
    expect(await store.verify()).to.deep.include({entries: 1, damaged: [], swept: 0});
    expect(await leftovers()).to.deep.equal([]);
  });

  it('asks nothing for one who looked before the first one had it, and began after', async () => {
    const get = store.get.bind(store);
    let looks = 0;
    store.get = async (digest) => {
      const late = ++looks === 1;
      const content = await get(digest);
      if (late) await first;
      return content;
    };
    const late = cached().run();
    const first = cached().run();
    expect(await late).to.have.property('from', 'store');
    expect(wire.server.requests).to.have.length(1);
  });

  it('asks once for a hundred with as many addresses', async () => {
    const downloads = Array.from({length: 100}, (_, at) => cached(`/file?${at}`));
    await Promise.all(downloads.map((download) => download.run()));
    expect(wire.server.requests).to.have.length(1);
  });

  it('asks for each in Contexts of their own, and keeps one copy', async () => {
    const downloads = Array.from({length: 10}, () => cached('/file', {context: undefined}));
    await Promise.all(downloads.map((download) => download.run()));
    expect(wire.server.requests.length).to.be.within(1, 10);
    expect((await store.size()).entries).to.equal(1);
  });

  it('lets one leave, whoever began, and goes on for the others', async () => {
    const moment = held('/held');
    const gone = new AbortController();
    const first = cached('/held').run(gone.signal);
    const others = [cached('/held').run(), cached('/held').run()];
    await wire.server.when(() => wire.server.requests.length === 1);
    gone.abort();
    expect(await faultOf(first)).to.be.instanceOf(Cancelled);
    moment.reach();
    // Which of the three asked is not said; only that it was one of them, and that nobody had to ask again.
    for (const {from} of await Promise.all(others)) expect(from).to.be.oneOf(['shared', 'source']);
    expect(wire.server.requests).to.have.length(1);
  });

  it('ends the fetch when the last one leaves, and has cleaned up by then', async () => {
    wire.server.on('/drip', {body: patterned(3_000_000), drip: {bytes: 1000, everyMs: 5}});
    const [cleaning, cleaned] = [new Moment(), new Moment()];
    const disk = new SystemDisk();
    store = new ContentStore({folder: folder.join('store'), disk, durability: 'none'});
    await expectNothingLeft(async () => {
      await using own = new Context();
      const gone = new AbortController();
      const begun = new Moment();
      const runs = [0, 1, 2].map(() => {
        const download = new HttpDownload({url: wire.server.url('/drip')});
        download.register('fetched', begun.reach);
        return faultOf(cached('/drip', {download, context: own}).run(gone.signal));
      });
      await begun.reached;
      expect(await leftovers()).to.have.length(1);
      disk.unlink = async (path) => {
        cleaning.reach();
        await cleaned.reached;
        await SystemDisk.prototype.unlink.call(disk, path);
      };
      gone.abort();
      await cleaning.reached;
      expect(await Promise.race([...runs, new Promise((resolve) => { setTimeout(resolve, 20, 'still cleaning'); })])).to.equal('still cleaning');
      cleaned.reach();
      for (const error of await Promise.all(runs)) expect(error).to.be.instanceOf(Cancelled);
      expect(await leftovers()).to.deep.equal([]);
      await wire.server.when(() => wire.server.open === 0);
    });
    expect(await store.has(SHA256)).to.equal(false);
    expect(await cached().run()).to.have.property('from', 'source');
  });

  it('ends when the Context is closed', async () => {
    held('/held');
    const run = faultOf(cached('/held').run());
    await wire.server.when(() => wire.server.requests.length === 1);
    await wire.context.close();
    expect(await run).to.be.instanceOf(Cancelled);
    expect(await leftovers()).to.deep.equal([]);
  });

  it('tells a fault to all who asked the same', async () => {
    const get = store.get.bind(store);
    const all = new Moment();
    let looked = 0;
    store.get = async (digest) => {
      const content = await get(digest);
      if (++looked === 20) setImmediate(all.reach);
      return content;
    };
    wire.server.on('/missing', async () => {
      await all.reached;
      return {status: 404};
    });
    const runs = Array.from({length: 20}, () => faultOf(cached('/missing').run()));
    for (const error of await Promise.all(runs)) expect(error).to.be.instanceOf(NotFound);
    expect(wire.server.requests).to.have.length(1);
  });

  it('does not let another\'s bad address fail those with a good one', async () => {
    const moment = held('/bad');
    const bad = faultOf(cached('/bad', {}, {maxBytes: 10}).run());
    await wire.server.when(() => wire.server.requests.length === 1);
    const good = Array.from({length: 10}, () => cached('/file').run());
    moment.reach();
    expect(await bad).to.have.property('code', 'TOO_LARGE');
    await Promise.all(good);
    expect(wire.server.requestsFor('/bad')).to.have.length(1);
    expect(wire.server.requestsFor('/file').length).to.be.within(1, 2);
  });

  it('does not let another\'s credentials or handlers fail those with good ones', async () => {
    const moment = new Moment();
    wire.server.on('/private', async ({headers}) => {
      await moment.reached;
      return headers.authorization === undefined ? {status: 401} : {body: BYTES};
    });
    const stranger = faultOf(cached('/private').run());
    await wire.server.when(() => wire.server.requests.length === 1);
    const known = cached('/private', {}, {user: {name: 'elmer', password: 'x'}}).run();
    moment.reach();
    expect(await stranger).to.be.instanceOf(NotAuthorized);
    expect(await known).to.have.property('from', 'source');

    await store.prune({maxBytes: 0});
    const clumsy = new HttpDownload({url: wire.server.url('/file')});
    const [replied, joined] = [new Moment(), new Moment()];
    clumsy.register('replied', async () => {
      replied.reach();
      await joined.reached;
      throw new Error('a mistake');
    });
    const failing = faultOf(cached('/file', {download: clumsy}).run());
    await replied.reached;
    const succeeding = cached('/file').run();
    joined.reach();
    expect(await failing).to.have.property('code', 'HANDLER_FAILED');
    expect(await succeeding).to.have.property('from', 'source');
  });

  it('takes a full disk for a fault of this machine, for all, and asks no more', async () => {
    const disk = new FaultyDisk();
    store = new ContentStore({folder: folder.join('store'), disk, durability: 'none'});
    disk.fail('write', {code: 'ENOSPC', path: /store/});
    const runs = [cached('/file', {}, {retries: 4}), cached('/file', {}, {retries: 4})].map((download) => faultOf(download.run()));
    for (const error of await Promise.all(runs)) {
      expect(error).to.be.instanceOf(WriterError).with.property('class', 'local');
      expect(error.message).to.contain('ENOSPC');
    }
    expect(wire.server.requests.length).to.be.within(1, 2);
    expect(await leftovers()).to.deep.equal([]);
    expect(disk.openFiles).to.equal(0);
    disk.heal();
    expect(await cached().run()).to.have.property('from', 'source');
  });

  it('gives up on a store that loses what is put into it', async () => {
    const losing = new ContentStore({folder: folder.join('store')});
    losing.get = async () => undefined;
    losing.has = async () => false;
    store = losing;
    const error = await faultOf(cached().run()).catch((thrown: unknown) => thrown as Error);
    expect(error).to.be.instanceOf(WriterError);
    expect(wire.server.requests.length).to.be.within(1, 3);
  });
});
