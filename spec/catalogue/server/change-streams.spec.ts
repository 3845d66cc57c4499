import {expect} from 'chai';
import {request as httpRequest, type IncomingMessage} from 'node:http';
import type {Grant} from '../../../src/catalogue/server/scope.js';
import {TestClock} from '../../../src/testing/index.js';
import {ELMER, PRODUCT} from '../facts.js';
import {useServed} from './served.js';

/** One client of a stream. */
class Listener {
  text = '';
  ended = false;
  readonly #response: IncomingMessage;

  constructor(response: IncomingMessage) {
    this.#response = response;
    response.on('data', (chunk) => { this.text += String(chunk); }).on('close', () => { this.ended = true; }).on('error', () => undefined);
  }

  get status(): number | undefined {
    return this.#response.statusCode;
  }

  get type(): string | undefined {
    return this.#response.headers['content-type'];
  }

  get ids(): number[] {
    return [...this.text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
  }

  /** Resolves when so many events have come, or rejects when it ends before. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.ended) throw new Error(`the stream ended: ${this.text}`);
      await new Promise((resolve) => { setImmediate(resolve); });
    }
  }

  leave(): void {
    this.#response.destroy();
  }
}

describe('ChangeStreams', () => {
  const served = useServed();
  const {ask} = served;
  const listeners: Listener[] = [];
  afterEach(() => { for (const listener of listeners.splice(0)) listener.leave(); });

  function listen(path = '/changes', headers: Record<string, string> = {}): Promise<Listener> {
    return new Promise((resolve, reject) => {
      httpRequest({port: served.server.port, path, agent: false, headers: {accept: 'text/event-stream', ...headers}}, (response) => {
        const listener = new Listener(response);
        listeners.push(listener);
        resolve(listener);
      }).on('error', reject).end();
    });
  }
  const create = (name: string): Promise<unknown> => ask('POST', '/releases', {json: {name, ...PRODUCT}});

  it('tells each change as an event, those of before and those to come', async () => {
    await create('r1');
    const listener = await listen();
    expect([listener.status, listener.type]).to.deep.equal([200, 'text/event-stream']);
    await listener.until(() => listener.ids.length === 1);
    await create('r2');
    await listener.until(() => listener.ids.length === 2);
    expect(listener.text).to.match(/^retry: 2000\n\nid: 1\nevent: change\ndata: \{"seq":1,.*\}\n\nid: 2\nevent: change\ndata: \{.*\}\n\n$/);
    const [, data = ''] = /data: (.*)/.exec(listener.text) ?? [];
    expect(JSON.parse(data)).to.deep.equal((await ask('GET', '/changes')).body.changes[0]);
  });

  it('goes on behind Last-Event-ID, which counts more than after', async () => {
    for (const name of ['r1', 'r2', 'r3', 'r4']) await create(name);
    const listener = await listen('/changes?after=0', {'last-event-id': '2'});
    await listener.until(() => listener.ids.length === 2);
    expect(listener.ids).to.deep.equal([3, 4]);
    const fresh = await listen('/changes?after=latest');
    await create('r5');
    await fresh.until(() => fresh.ids.length > 0);
    expect(fresh.ids).to.deep.equal([5]);
    const bad = await ask('GET', '/changes', {headers: {accept: 'text/event-stream', 'last-event-id': 'x'}});
    expect([bad.status, bad.body.code]).to.deep.equal([400, 'BAD_REQUEST']);
  });

  it('gives who reconnects again and again every change once', async () => {
    await served.start();
    const seen: number[] = [];
    const writing = (async () => { for (let at = 0; at < 30; at++) await create(`r${at}`); })();
    while (seen.length < 30) {
      const listener = await listen('/changes', seen.length === 0 ? {} : {'last-event-id': String(seen.at(-1))});
      await listener.until(() => listener.ids.length > 0);
      listener.leave();
      seen.push(...listener.ids);
    }
    await writing;
    expect(seen).to.deep.equal(Array.from({length: 30}, (_, at) => at + 1));
  });

  it('tells what another process wrote', async () => {
    await served.start({interval: 5});
    const other = await served.engine.catalogue();
    const listener = await listen('/changes?name=r1');
    await other.create('r2', PRODUCT, ELMER);
    await other.create('r1', PRODUCT, ELMER);
    await listener.until(() => listener.ids.length > 0);
    expect(listener.ids).to.deep.equal([2]);
  });

  it('gives a sign of life, and ends when the token holds no more', async () => {
    const clock = new TestClock();
    let grant: Grant | undefined = {name: 'a', scopes: ['read']};
    await served.start({clock, beat: 1000, tokens: {find: async () => grant}});
    const listener = await listen('/changes', {authorization: 'Bearer t'});
    await listener.until(() => listener.text !== '');
    await clock.advance(1000);
    await listener.until(() => listener.text.endsWith('\n\n: \n\n'));
    grant = undefined;
    await clock.advance(1000);
    while (!listener.ended) await new Promise((resolve) => { setImmediate(resolve); });
    expect(clock.ticking).to.equal(0);
  });

  it('refuses more streams than may be, and takes one when another has left', async () => {
    await served.start({limits: {streams: 1}});
    const first = await listen();
    const second = await ask('GET', '/changes', {headers: {accept: 'text/event-stream'}});
    expect([second.status, second.body.code, second.headers['retry-after']]).to.deep.equal([503, 'BUSY', '1']);
    first.leave();
    let status: number | undefined;
    while (status !== 200) ({status} = await listen());
    expect((await ask('GET', '/changes')).body).to.deep.equal({changes: [], last: 0});
  });

  it('is not what HEAD gets', async () => {
    expect((await ask('HEAD', '/changes', {headers: {accept: 'text/event-stream'}})).status).to.equal(405);
  });

  it('ends in order when the server is stopped', async () => {
    await create('r1');
    const listener = await listen();
    await listener.until(() => listener.ids.length === 1);
    await served.server.close();
    while (!listener.ended) await new Promise((resolve) => { setImmediate(resolve); });
    expect(listener.ids).to.deep.equal([1]);
  });
});
