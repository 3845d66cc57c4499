import {once} from 'node:events';
import {createServer, type AddressInfo, type Server, type Socket} from 'node:net';
import {expect} from 'chai';
import {fetched, withContext} from './fetching.js';

/** Answers every request with `answer`; gives the sockets away. */
async function start(answer: string): Promise<{server: Server; sockets: Socket[]; url: string}> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => { socket.destroy(); });
    socket.on('data', () => { socket.write(answer); });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {server, sockets, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/a`};
}

describe('refuseStrays', () => {
  it('closes an idle connection on which bytes arrive, so that they answer no later request', async () => {
    const {server, sockets, url} = await start('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood');
    await withContext(async (context) => {
      await fetched({url, context});
      await fetched({url, context});
      expect(sockets).to.have.lengthOf(1);
      const closed = once(sockets[0]!, 'close');
      sockets[0]!.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL');
      await closed;
      expect((await fetched({url, context})).text).to.equal('good');
      expect(sockets).to.have.lengthOf(2);
    });
    server.close();
  });

  it('leaves no listener on a connection that is used again and again', async () => {
    const {server, sockets, url} = await start('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood');
    const warnings: string[] = [];
    const warn = (warning: Error): void => { warnings.push(warning.name); };
    process.on('warning', warn);
    await withContext(async (context) => {
      for (let n = 0; n < 30; n++) expect((await fetched({url, context})).text).to.equal('good');
    });
    process.off('warning', warn);
    expect([sockets.length, warnings]).to.deep.equal([1, []]);
    server.close();
  });
});
