import {expect} from 'chai';
import {once} from 'node:events';
import {open} from 'node:fs/promises';
import {connect} from 'node:net';
import {countAbortListeners, expectNothingLeft} from './left-open.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';

describe('expectNothingLeft', () => {
  const failure = async (run: () => unknown): Promise<string> => {
    try {
      await expectNothingLeft(run, 30);
      return 'nothing left';
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('passes when everything was closed, and gives back the result', async () => {
    expect(await expectNothingLeft(async () => {
      await using server = await ScriptedServer.start();
      return server.port;
    })).to.be.a('number');
  });

  describe('after leaks', () => {
    const leaks: (() => unknown)[] = [];
    afterEach(async () => { for (const close of leaks.splice(0)) await close(); });

    it('names a socket, a timer and a file that were left', async () => {
      const server = await ScriptedServer.start();
      leaks.push(() => server.close());
      expect(await failure(async () => {
        const socket = connect(server.port, '127.0.0.1').unref();
        leaks.push(() => socket.destroy());
        await once(socket, 'connect');
      })).to.contain('fd socket');
      expect(await failure(() => {
        const timer = setTimeout(() => undefined, 60_000);
        leaks.push(() => { clearTimeout(timer); });
      })).to.equal('left open: 1 × resource Timeout');
      expect(await failure(async () => {
        const file = await open('/proc/self/status');
        leaks.push(() => file.close());
      })).to.match(/^left open: 1 × fd \/proc\/\d+\/status$/);
    });
  });

  it('counts abort listeners', () => {
    const {signal} = new AbortController();
    signal.addEventListener('abort', () => undefined);
    expect(countAbortListeners(signal)).to.equal(1);
  });
});
