import {expect} from 'chai';
import {readFileSync} from 'node:fs';
import {connect, type Socket} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';
import {patterned} from '../../src/testing/bytes.js';
import {curl} from './curl.js';
import {useServing, type Serving} from './serving.js';

/** Connections that the command takes at once (src/streamer/listener.ts). */
const MOST = 4096;
/** What this process needs beside them. */
const RESERVED = 200;
const WANTED = Math.min(10_000, descriptorLimit() - RESERVED);
/** The headers of a request may take 10 s, and are looked at every second. */
const PATIENCE = 13_000;

describe(`${WANTED} clients of jupiter serve that say nothing, or little`, function suite() {
  this.timeout(120_000);
  const stage = useServing();
  const content = patterned(1_000_000);
  const open: Socket[] = [];
  beforeEach(() => { stage.upstream.on('/base/file', {body: content}).on('/base/other', {body: content}); });
  afterEach(() => { for (const socket of open.splice(0)) socket.destroy(); });

  const serves = async (serving: Serving, name: string): Promise<void> => {
    const got = await curl(stage.folder.path, `${serving.url}/${name}`, ['-f']);
    expect([got.code, got.body.equals(content)], got.told).to.deep.equal([0, true]);
  };

  /** Opens so many, a few hundred at a time. @returns how they stand */
  async function crowd(serving: Serving, count: number): Promise<{connected: number; closed: number}> {
    const state = {connected: 0, closed: 0};
    for (let at = 0; at < count; at += 250) {
      await Promise.all(Array.from({length: Math.min(250, count - at)}, () => new Promise<void>((resolve) => {
        const socket = connect(serving.port, '127.0.0.1', () => {
          state.connected++;
          resolve();
        });
        socket.on('error', () => { resolve(); }).on('close', () => { state.closed++; }).resume();
        open.push(socket);
      })));
    }
    return state;
  }

  it('are limited in number and time, and others are served before and after', async () => {
    const serving = await stage.start();
    await serves(serving, 'file');
    const base = serving.resident;
    const state = await crowd(serving, WANTED);
    const over = Math.max(0, WANTED - MOST);
    for (const end = performance.now() + 5000; state.closed < over && performance.now() < end;) await sleep(20);
    expect(state.closed).to.be.at.least(over);
    expect(serving.resident - base).to.be.below(200 * 1024 * 1024);
    for (const end = performance.now() + PATIENCE; state.closed < WANTED && performance.now() < end;) await sleep(50);
    expect([state.connected, state.closed]).to.deep.equal([WANTED, WANTED]);
    await serves(serving, 'file');
    await serves(serving, 'other');
    expect(stage.upstream.requests.map(({path}) => path)).to.deep.equal(['/base/file', '/base/other']);
    const {code, ms} = await serving.stop('SIGTERM');
    expect([code, ms < 3000]).to.deep.equal([143, true]);
  });

  it('get 10 s for their headers, however they trickle, and hold nobody up', async () => {
    const serving = await stage.start();
    const count = Math.min(500, WANTED);
    const state = await crowd(serving, count);
    const head = `GET /slow HTTP/1.1\r\nHost: h\r\n${'X-Padding: trickling\r\n'.repeat(100)}`;
    let at = 0;
    const timer = setInterval(() => {
      for (const socket of open) socket.write(head[at % head.length] as string);
      at++;
    }, 100);
    try {
      await sleep(1000);
      await serves(serving, 'file');
      expect(state.closed).to.equal(0);
      for (const end = performance.now() + PATIENCE; state.closed < count && performance.now() < end;) await sleep(50);
      expect(state.closed).to.equal(count);
    } finally {
      clearInterval(timer);
    }
    await serves(serving, 'other');
    expect(stage.upstream.requests.map(({path}) => path)).to.deep.equal(['/base/file', '/base/other']);
  });
});

/** How many files this process may have open. */
function descriptorLimit(): number {
  const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? [];
  return Number(soft ?? 1024);
}
