import {expect} from 'chai';
import {chmod, unlink, writeFile} from 'node:fs/promises';
import {patterned} from '../../src/testing/bytes.js';
import {useStage, verified} from './stage.js';

describe('Streamer: contents in memory', () => {
  const stage = useStage();
  const content = patterned(20_000);
  const asked = (): number => stage.upstream.requestsFor('/file').length;
  const path = async (): Promise<string> => {
    const [name] = (await stage.folder.list()).filter((one) => /content-v1.*[0-9a-f]{60}$/.test(one));
    return stage.folder.join(name as string);
  };
  /** Stored, and asked for so often that it is in memory. */
  const warm = async (): Promise<void> => {
    stage.upstream.on('/file', {body: content, headers: {ETag: '"1"'}});
    for (let n = 0; n < 3; n++) await stage.get('/file');
  };
  beforeEach(() => {
    stage.made.set('/file', verified(content));
  });

  it('answers whole, ranges, conditions and HEAD without the file', async () => {
    await stage.start();
    await warm();
    await unlink(await path());
    const whole = await stage.get('/file');
    expect([whole.status, whole.whole, whole.body.equals(content)]).to.deep.equal([200, true, true]);
    expect(whole.headers['cache-status']).to.equal('jupiter; hit');
    const part = await stage.get('/file', {range: 'bytes=100-199'});
    expect([part.status, part.headers['content-length'], part.body.equals(content.subarray(100, 200))]).to.deep.equal([206, '100', true]);
    const head = await stage.get('/file', {}, 'HEAD');
    expect([head.status, head.headers['content-length'], head.body.length]).to.deep.equal([200, '20000', 0]);
    expect((await stage.get('/file', {'if-none-match': '"1"'})).status).to.equal(304);
    expect((await stage.get('/file', {range: 'bytes=20000-'})).status).to.equal(416);
    expect(asked()).to.equal(1);
  });

  it('fetches again what was removed ten seconds ago', async () => {
    await stage.start();
    await warm();
    await unlink(await path());
    await stage.clock.advance(10_000);
    expect((await stage.get('/file')).body.equals(content)).to.equal(true);
    expect(asked()).to.equal(2);
  });

  it('fetches again what it finds damaged', async () => {
    stage.upstream.on('/file', {body: content});
    await stage.start();
    for (let n = 0; n < 2; n++) await stage.get('/file');
    await chmod(await path(), 0o600);
    await writeFile(await path(), patterned(20_000, 1));
    expect((await stage.get('/file')).body.equals(content)).to.equal(true);
    expect(asked()).to.equal(2);
  });

  it('reads the file each time when it verifies', async () => {
    await stage.start({verify: true});
    await warm();
    await unlink(await path());
    await stage.get('/file');
    expect(asked()).to.equal(2);
  });

  it('gives a rewriting importer bytes of its own', async () => {
    stage.made.set('/file', () => ({...verified(content)({} as never), transform: (body: Buffer) => body.fill(0x61)}));
    await stage.start();
    await warm();
    await stage.get('/file');
    stage.made.set('/file', verified(content));
    expect((await stage.get('/file')).body.equals(content)).to.equal(true);
  });

  it('counts what it sent', async () => {
    await stage.start();
    await warm();
    const text = (await stage.get('/-/metrics')).body.toString();
    expect(text).to.contain('jupiter_sent_bytes_total 60000').and.to.contain('jupiter_cache_total{outcome="hit"} 2');
  });
});
