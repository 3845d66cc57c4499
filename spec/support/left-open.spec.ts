import {expect} from 'chai';
import {once} from 'node:events';
import {open, type FileHandle} from 'node:fs/promises';
import {connect, type Socket} from 'node:net';
import {countAbortListeners, expectNothingLeft} from './left-open.js';
import {ScriptedServer} from './scripted-server.js';

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

  it('names a socket, a timer and a file that were left', async () => {
    const server = await ScriptedServer.start();
    let socket: Socket | undefined;
    let timer: NodeJS.Timeout | undefined;
    let file: FileHandle | undefined;
    expect(await failure(async () => {
      socket = connect(server.port, '127.0.0.1');
      await once(socket, 'connect');
      socket.unref();
    })).to.contain('fd socket');
    expect(await failure(() => { timer = setTimeout(() => undefined, 60_000); })).to.equal('left open: 1 × resource Timeout');
    expect(await failure(async () => { file = await open('/proc/self/status'); })).to.match(/^left open: 1 × fd \/proc\/\d+\/status$/);
    clearTimeout(timer);
    socket?.destroy();
    await file?.close();
    await server.close();
  });

  it('counts abort listeners', () => {
    const {signal} = new AbortController();
    signal.addEventListener('abort', () => undefined);
    expect(countAbortListeners(signal)).to.equal(1);
  });
});
