import {expect} from 'chai';
import type {FastifyInstance} from 'fastify';
import {catalogueServer} from '../../../src/catalogue/server/catalogue-server.js';
import type {CatalogueServerOptions} from '../../../src/catalogue/server/server-options.js';
import {useServed} from './served.js';

describe('CatalogueServerOptions', () => {
  const served = useServed();
  const catalogue = {publish: () => undefined} as unknown as CatalogueServerOptions['catalogue'];
  const tokens = {find: async () => undefined};

  const bad: [string, object, string][] = [
    ['no catalogue', {tokens}, 'catalogue:'],
    ['a token in the place of tokens', {catalogue, tokens: 'jct_secret'}, 'tokens:'],
    ['neither tokens nor unauthenticated', {catalogue}, 'tokens:'],
    ['both', {catalogue, tokens, unauthenticated: true}, 'tokens:'],
    ['no tokens on an address that others reach', {catalogue, unauthenticated: true, host: '0.0.0.0'}, 'host:'],
    ['no tokens on a name', {catalogue, unauthenticated: true, host: 'example.org'}, 'host:'],
    ['an unknown option', {catalogue, tokens, prot: 80}, 'unknown option'],
    ['an unknown limit', {catalogue, tokens, limits: {facts: 1}}, 'unknown option'],
    ['a port that is none', {catalogue, tokens, port: 65_536}, 'port:'],
    ['no bytes at all', {catalogue, tokens, limits: {bodyBytes: 0}}, 'limits.bodyBytes:'],
    ['one host', {catalogue, tokens, hosts: 'localhost'}, 'hosts:'],
  ];
  for (const [name, options, text] of bad) {
    it(`refuses ${name}`, async () => {
      const error = await catalogueServer(options as CatalogueServerOptions).catch((thrown: unknown) => thrown as Error);
      expect(error).to.satisfy((one: unknown) => one instanceof TypeError || one instanceof RangeError);
      expect((error as Error).message).to.contain(text).and.to.not.contain('jct_secret');
    });
  }

  it('listens on loopback unless told otherwise, on a port of its own', async () => {
    const server = await served.start();
    expect(server.url).to.equal(`http://127.0.0.1:${server.port}`);
  });

  it('says which address is taken', async () => {
    const {port} = await served.start();
    const error = await served.start({port}).catch((thrown: unknown) => thrown as Error);
    expect((error as Error).message).to.contain(`127.0.0.1:${port}`).and.contain('EADDRINUSE');
  });

  it('lets a caller add routes, which need a token unless they say otherwise', async () => {
    await served.start({tokens, extend: (app) => {
      app.get('/closed', async () => ({}));
      app.get('/open', {config: {scope: 'none'}}, async () => ({}));
    }});
    expect((await served.ask('GET', '/closed')).status).to.equal(401);
    expect((await served.ask('GET', '/open')).status).to.equal(200);
  });

  it('gives who declares it so the whole of Fastify to add to', async () => {
    await served.start({tokens, extend: (app: FastifyInstance) => {
      app.delete('/open', {config: {scope: 'none'} as object}, async (_, reply) => reply.code(202).send({}));
    }});
    expect((await served.ask('DELETE', '/open')).status).to.equal(202);
  });
});
