import {expect} from 'chai';
import {truncate, writeFile} from 'node:fs/promises';
import {ContentStore} from 'jupiter-download/compose';
import {patterned} from '../../src/testing/bytes.js';
import {useStage, verified} from './stage.js';

const OLD = 'Thu, 01 Jan 2015 00:00:00 GMT';

describe('Streamer: freshness', () => {
  const stage = useStage();
  const asked = (path = '/doc'): number => stage.upstream.requestsFor(path).length;

  /** A document whose upstream answers 304 to its own entity tag. */
  function serve(headers: Record<string, string>, versions: readonly string[] = ['one']): void {
    stage.upstream.on('/doc', ({nth, headers: sent}) => {
      const body = versions[Math.min(nth, versions.length) - 1] as string;
      const etag = `"${body}"`;
      return {headers: {ETag: etag, ...headers}, ...sent['if-none-match'] === etag ? {status: 304} : {body}};
    });
  }

  async function statuses(times: number, headers: Record<string, string> = {}): Promise<(string | undefined)[]> {
    const all: (string | undefined)[] = [];
    for (let n = 0; n < times; n++) {
      const {'cache-status': status} = (await stage.get('/doc', headers)).headers;
      all.push(String(status).replace(/^jupiter; |; detail=unverified/g, ''));
    }
    return all;
  }

  it('never asks again for what a digest names, whatever the upstream says', async () => {
    const content = patterned(1000);
    stage.upstream.on('/doc', {body: content, headers: {'Cache-Control': 'no-store, max-age=0'}});
    stage.made.set('/doc', verified(content));
    await stage.start();
    expect(await statuses(3, {'cache-control': 'no-cache'})).to.deep.equal(['fwd=uri-miss', 'hit', 'hit']);
    await stage.upstream.close();
    await stage.start();
    expect((await stage.get('/doc')).body.equals(content)).to.equal(true);
  });

  it('keeps to max-age, and asks by the kept validator afterwards', async () => {
    serve({'Cache-Control': 'max-age=60', Age: '10'});
    await stage.start();
    expect(await statuses(2)).to.deep.equal(['fwd=uri-miss', 'hit']);
    await stage.clock.advance(49_000);
    const got = await stage.get('/doc');
    expect([got.headers.age, asked()]).to.deep.equal(['59', 1]);
    await stage.clock.advance(1000);
    expect(await statuses(2)).to.deep.equal(['hit; fwd=stale; fwd-status=304', 'hit']);
    expect(stage.upstream.requests.map(({headers}) => headers['if-none-match'])).to.deep.equal([undefined, '"one"']);
  });

  it('sends the new version when there is one', async () => {
    serve({}, ['one', 'two']);
    await stage.start();
    await stage.get('/doc');
    expect((await stage.get('/doc')).body.toString()).to.equal('two');
    expect((await stage.get('/doc')).body.toString()).to.equal('two');
  });

  for (const [name, headers, hits] of [
    ['Expires', {Date: 'Thu, 01 Jan 2026 00:00:00 GMT', Expires: 'Thu, 01 Jan 2026 00:01:00 GMT'}, true],
    ['s-maxage before max-age', {'Cache-Control': 'max-age=0, s-maxage=60'}, true],
    ['no-cache', {'Cache-Control': 'max-age=60, no-cache'}, false],
    ['nothing said', {}, false],
  ] as const) {
    it(`${hits ? 'sends from the store' : 'asks again'}: ${name}`, async () => {
      serve(headers);
      await stage.start();
      await stage.get('/doc');
      expect(await statuses(1)).to.deep.equal([hits ? 'hit' : 'hit; fwd=stale; fwd-status=304']);
    });
  }

  it('takes the resource\'s ttl when the upstream says nothing', async () => {
    serve({});
    stage.made.set('/doc', () => ({ttl: 5000}));
    await stage.start();
    expect(await statuses(2)).to.deep.equal(['fwd=uri-miss', 'hit']);
    await stage.clock.advance(5000);
    expect(await statuses(1)).to.deep.equal(['hit; fwd=stale; fwd-status=304']);
  });

  for (const control of ['no-store', 'private', 'max-age=60, private="x"']) {
    it(`keeps nothing that came with ${control}`, async () => {
      serve({'Cache-Control': control});
      await stage.start();
      expect(await statuses(2)).to.deep.equal(['fwd=uri-miss', 'fwd=uri-miss']);
      expect((await stage.folder.list()).filter((name) => /content-v1|streamer-v1|tmp\/./.test(name))).to.deep.equal([]);
    });
  }

  it('does as the client says: max-age, no-cache, only-if-cached', async () => {
    serve({'Cache-Control': 'max-age=60'});
    await stage.start();
    expect((await stage.get('/doc', {'cache-control': 'only-if-cached'})).status).to.equal(504);
    await stage.get('/doc');
    await stage.clock.advance(5000);
    expect((await stage.get('/doc', {'cache-control': 'only-if-cached'})).status).to.equal(200);
    expect(asked()).to.equal(1);
    await stage.get('/doc', {'cache-control': 'max-age=4'});
    await stage.get('/doc', {'cache-control': 'no-cache'});
    expect(asked()).to.equal(3);
  });

  describe('when the upstream is down', () => {
    for (const [control, usable] of [
      ['max-age=1', true], ['max-age=1, stale-if-error=100', true], ['max-age=1, stale-if-error=5', false],
      ['max-age=1, must-revalidate', false], ['no-cache', false],
    ] as const) {
      it(`${usable ? 'sends what is stored, marked' : 'fails'}: ${control}`, async () => {
        serve({'Cache-Control': control});
        await stage.start();
        await stage.get('/doc');
        await stage.clock.advance(60_000);
        stage.upstream.on('/doc', {status: 500});
        const got = await stage.get('/doc');
        expect(got.status).to.equal(usable ? 200 : 502);
        if (usable) expect(got.headers['cache-status']).to.equal('jupiter; hit; fwd=stale; detail=stale-if-error');
      });
    }

    it('does not hide a 404 behind an old version', async () => {
      serve({});
      await stage.start();
      await stage.get('/doc');
      stage.upstream.on('/doc', {status: 404});
      expect((await stage.get('/doc')).status).to.equal(404);
    });
  });

  it('offline: sends all that is stored, asks nobody', async () => {
    serve({'Last-Modified': OLD});
    await stage.start();
    await stage.get('/doc');
    await stage.start({offline: true});
    expect([(await stage.get('/doc')).status, (await stage.get('/other')).status, asked()]).to.deep.equal([200, 504, 1]);
  });

  it('fetches again what was damaged: cut always, altered when it verifies', async () => {
    const content = patterned(100_000);
    stage.upstream.on('/doc', {body: content});
    stage.made.set('/doc', verified(content));
    await stage.start({verify: true});
    for (const damage of [(path: string) => truncate(path, 50_000), (path: string) => writeFile(path, Buffer.alloc(100_000))]) {
      await stage.get('/doc');
      const [name] = (await stage.folder.list()).filter((one) => /content-v1.*[0-9a-f]{60}$/.test(one));
      await damage(stage.folder.join(name as string)).catch(() => undefined);
      const got = await stage.get('/doc');
      expect([got.whole, got.body.equals(content)]).to.deep.equal([true, true]);
    }
    expect(asked()).to.equal(3);
  });

  it('removes what was not used for long when the store is full', async () => {
    stage.upstream.on('*', ({path}) => ({body: patterned(100_000, path.charCodeAt(1)), headers: {'Cache-Control': 'max-age=1000'}}));
    const store = new ContentStore({folder: stage.folder.join('small')});
    await stage.start({store, maxBytes: 250_000});
    for (const path of ['/a', '/b', '/c', '/d']) await stage.get(path);
    await stage.streamer.close();
    expect((await store.size()).bytes).to.be.at.most(250_000);
    await stage.start({store, maxBytes: 250_000});
    for (const path of ['/a', '/b', '/c', '/d']) expect((await stage.get(path)).body.length).to.equal(100_000);
  });
});
