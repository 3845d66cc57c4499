import {expect} from 'chai';
import {createServer, type RequestListener, type Server} from 'node:http';
import {once} from 'node:events';
import {connect, type AddressInfo} from 'node:net';
import {setImmediate} from 'node:timers/promises';
import {patterned} from '../../src/testing/bytes.js';
import {drain, sha256, useStage, verified} from './stage.js';

const SIZE = 5_000_000;

describe('sendHeld', () => {
  const stage = useStage();
  const content = patterned(SIZE);
  let server: Server | undefined;
  beforeEach(async () => {
    stage.upstream.on('/file', {body: content});
    stage.made.set('/file', verified(content));
    await stage.start();
    await stage.get('/file');
  });
  afterEach(() => server?.close());

  /** Mounts the streamer in a server of somebody else's. */
  const mount = async (wrap: (handler: RequestListener) => RequestListener): Promise<number> => {
    server = createServer(wrap(stage.streamer.handler)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };

  it('sends every byte in its place to clients of any pace', async () => {
    const slow = await stage.begin('/file');
    const chunks: Buffer[] = [];
    for await (const chunk of slow) {
      chunks.push(chunk as Buffer);
      if (chunks.length % 8 === 0) await setImmediate();
    }
    expect(sha256(Buffer.concat(chunks))).to.equal(sha256(content));
    const many = await Promise.all([0, 1, 2, 3].map(async () => drain(await stage.begin('/file'))));
    expect(many.map(({body}) => body.equals(content))).to.deep.equal([true, true, true, true]);
    const part = await stage.get('/file', {range: 'bytes=300000-4000000'});
    expect(part.body.equals(content.subarray(300_000, 4_000_001))).to.equal(true);
  });

  it('sends several in a row to a client that asks for all at once', async () => {
    const socket = connect({port: stage.port, host: '127.0.0.1'});
    socket.write('GET /file HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(2) + 'GET /file HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    const all = Buffer.concat(chunks);
    let at = 0;
    for (let n = 0; n < 3; n++) {
      at = all.indexOf('\r\n\r\n', at) + 4;
      expect(all.subarray(at, at += SIZE).equals(content)).to.equal(true);
    }
    expect(at).to.equal(all.length);
  });

  it('lets a framework that keeps what is written have it', async () => {
    const kept: Uint8Array[] = [];
    const port = await mount((handler) => (request, response) => {
      const write = response.write.bind(response) as (chunk: Uint8Array) => boolean;
      response.write = (chunk: Uint8Array) => {
        kept.push(chunk);
        return write(chunk);
      };
      handler(request, response);
    });
    await (await fetch(`http://127.0.0.1:${port}/file`, {headers: {connection: 'close'}})).arrayBuffer();
    expect(sha256(Buffer.concat(kept))).to.equal(sha256(content));
  });
});
