import {expect} from 'chai';
import {once} from 'node:events';
import {createServer, get, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {HttpDownload, noRetry} from 'jupiter-download';
import {patterned} from '../../src/testing/bytes.js';
import {Moment} from '../../src/testing/moment.js';
import {drain, useStage, verified} from './stage.js';

const SIZE = 1_000_000;

describe('Streamer: single-flight', () => {
  const stage = useStage();
  const content = patterned(SIZE);
  let halting: Server;
  let rest: Moment;
  beforeEach(async () => {
    rest = new Moment();
    // Says nothing beyond the byte that its address names, before the moment has come.
    halting = createServer((request, response) => {
      response.setHeader('content-length', SIZE);
      const at = Number(request.url?.slice(1));
      response.write(content.subarray(0, at));
      void rest.reached.then(() => response.end(content.subarray(at)));
      asked++;
    });
    asked = 0;
    await once(halting.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(halting.address() as AddressInfo).port}`;
    for (const at of [300_000, 500_000, 800_000]) {
      stage.made.set(`/${at}`, () => ({download: () => new HttpDownload({url: `${url}/${at}`, retry: noRetry()}), immutable: true}));
    }
  });
  afterEach(() => { halting.close().closeAllConnections(); });
  let asked = 0;

  it('asks once for 100 clients on a cold file', async () => {
    const hold = new Moment();
    stage.upstream.on('/file', {body: content, holdBody: hold.reached});
    stage.made.set('/file', verified(content));
    await stage.start();
    const all = Array.from({length: 100}, () => stage.get('/file'));
    await stage.upstream.when(() => stage.upstream.requests.length > 0);
    hold.reach();
    for (const got of await Promise.all(all)) expect([got.whole, got.body.equals(content)]).to.deep.equal([true, true]);
    expect(stage.upstream.requests).to.have.length(1);
    expect(stage.upstream.bodyBytes).to.equal(SIZE);
  });

  it('lets a client join in the middle, and take the beginning from the part', async () => {
    await stage.start();
    const first = await stage.begin('/500000');
    const second = await stage.begin('/500000');
    expect(second.headers['cache-status']).to.contain('collapsed');
    rest.reach();
    for (const reply of [first, second]) expect((await drain(reply)).body.equals(content)).to.equal(true);
    expect(asked).to.equal(1);
  });

  it('goes on for the others when the client leaves who began it', async () => {
    await stage.start();
    const first = await stage.begin('/300000');
    const second = await stage.begin('/300000');
    first.destroy();
    await turn(20);
    rest.reach();
    expect((await drain(second)).body.equals(content)).to.equal(true);
    expect(asked).to.equal(1);
  });

  it('gives up when the last one leaves early, and finishes when more than half is there', async () => {
    stage.upstream.on('/early', {body: content, stallAt: 200_000});
    await stage.start();
    (await stage.begin('/early')).destroy();
    await stage.upstream.when(() => stage.upstream.open === 0);
    const late = await stage.begin('/800000');
    for (let got = 0; got < 700_000;) got += (late.read() as Buffer | null)?.length ?? await turn();
    late.destroy();
    await turn(20);
    rest.reach();
    const again = await stage.get('/800000');
    expect([again.body.equals(content), asked]).to.deep.equal([true, 1]);
  });

  it('elects one to try again when a transfer fails that several waited for', async () => {
    const hold = new Moment();
    stage.upstream.on('/file', ({nth}) => nth === 1 ? {body: content, holdBody: hold.reached, cutAt: 10} : {body: content});
    await stage.start();
    const all = Array.from({length: 10}, () => stage.get('/file'));
    await stage.upstream.when(() => stage.upstream.requests.length > 0);
    await turn(50);
    hold.reach();
    const got = await Promise.all(all);
    expect(got.filter(({status}) => status === 502)).to.have.length(1);
    expect(got.filter(({status, whole}) => status === 200 && whole)).to.have.length(9);
    expect(stage.upstream.requests).to.have.length(2);
  });

  it('holds nobody up for a slow client, and keeps hardly any of its bytes in memory', async () => {
    const large = patterned(40_000_000);
    stage.upstream.on('/file', {body: large});
    stage.made.set('/file', verified(large));
    const streamer = await stage.start();
    const responses: ServerResponse[] = [];
    const server = createServer((request, response) => {
      responses.push(response);
      streamer.handler(request, response);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const request = get({port: (server.address() as AddressInfo).port, path: '/file', agent: false});
    const [slow] = await once(request, 'response') as [IncomingMessage];
    expect((await stage.get('/file')).body.length).to.equal(large.length);
    await turn(50);
    expect(responses.map(({writableFinished}) => writableFinished)).to.deep.equal([false]);
    expect(responses[0]?.writableLength).to.be.below(1_000_000);
    expect((await drain(slow)).body.equals(large)).to.equal(true);
    expect(stage.upstream.requests).to.have.length(1);
    server.close().closeAllConnections();
  });

  it('gives nobody the bytes of a failed attempt while the next one is waited for', async () => {
    stage.upstream.on('/file', ({nth}) => nth === 1 ? {body: Buffer.alloc(SIZE), cutAt: 500_000} : {body: content});
    stage.made.set('/file', () => ({...verified(content)({} as never), options: {...verified(content)({} as never).options, retry: undefined, retries: 1}}));
    await stage.start();
    const end = stage.get('/file', {range: 'bytes=-10'});
    await stage.clock.untilPending(1);
    const whole = stage.get('/file');
    await turn(50);
    await stage.clock.advance(60_000);
    expect((await whole).body.equals(content)).to.equal(true);
    expect((await end).body.equals(content.subarray(-10))).to.equal(true);
  });

  it('resets a client that takes nothing for two minutes', async () => {
    stage.upstream.on('/file', {body: patterned(40_000_000)});
    await stage.start();
    const stuck = await stage.begin('/file');
    await stage.get('/file');
    await stage.clock.advance(121_000);
    expect((await drain(stuck)).whole).to.equal(false);
  });
});

async function turn(times = 1): Promise<number> {
  for (let n = 0; n < times; n++) await new Promise((resolve) => { setImmediate(resolve); });
  return 0;
}
