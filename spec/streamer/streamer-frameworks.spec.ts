import {once} from 'node:events';
import type {AddressInfo} from 'node:net';
import {createServer, type Server} from 'node:http';
import {expect} from 'chai';
import express from 'express';
import fastify from 'fastify';
import {patterned} from '../../src/testing/bytes.js';
import {useStage, verified} from './stage.js';

const CONTENT = patterned(200_000);

/** Framework → opens a server that answers everything by the streamer's handler. Gives its port, and the way to close it. */
const FRAMEWORKS: Readonly<Record<string, (handler: Parameters<typeof createServer>[1]) => Promise<{port: number; close: () => Promise<unknown>}>>> = {
  'node:http': async (handler) => listening(createServer(handler)),
  Express: async (handler) => listening(createServer(express().use(handler as express.RequestHandler))),
  Fastify: async (handler) => {
    const app = fastify();
    app.all('/*', (request, reply) => {
      reply.hijack();
      handler?.(request.raw, reply.raw);
    });
    await app.listen({port: 0, host: '127.0.0.1'});
    return {port: (app.server.address() as AddressInfo).port, close: () => app.close()};
  },
};

async function listening(server: Server): Promise<{port: number; close: () => Promise<unknown>}> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    }),
  };
}

describe('Streamer: as a listener', () => {
  const stage = useStage();

  for (const [name, open] of Object.entries(FRAMEWORKS)) {
    it(`answers inside ${name}: whole, in part, from the store, and resets what is bad`, async () => {
      const bad = Buffer.from(CONTENT).fill(0, 150_000);
      stage.upstream.on('/file', {body: CONTENT}).on('/bad', {body: bad});
      stage.made.set('/file', verified(CONTENT));
      stage.made.set('/bad', verified(patterned(200_000, 9)));
      const streamer = await stage.start();
      const {port, close} = await open(streamer.handler);
      try {
        const ask = (path: string, headers = {}): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`, {headers});
        expect(Buffer.from(await (await ask('/file')).arrayBuffer()).equals(CONTENT)).to.equal(true);
        const part = await ask('/file', {range: 'bytes=100-199'});
        expect([part.status, part.headers.get('cache-status')]).to.deep.equal([206, 'jupiter; hit']);
        expect(Buffer.from(await part.arrayBuffer()).equals(CONTENT.subarray(100, 200))).to.equal(true);
        expect(await ask('/bad').then((reply) => reply.arrayBuffer()).then(() => 'whole', () => 'broken')).to.equal('broken');
        expect((await ask('/none')).status).to.equal(404);
      } finally {
        await close();
      }
    });
  }
});
