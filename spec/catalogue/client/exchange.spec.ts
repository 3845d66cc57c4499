import {inspect} from 'node:util';
import {expect} from 'chai';
import {CatalogueClient} from '../../../src/catalogue/client/catalogue-client.js';
import type {CatalogueClientOptions} from '../../../src/catalogue/client/client-options.js';
import type {CatalogueError} from '../../../src/catalogue/catalogue-errors.js';
import {noRetry} from '../../../src/policy/retry-policy.js';
import {ScriptedServer, TestClock, type Answer} from '../../../src/testing/index.js';
import {certificates} from '../../support/certificates.js';
import {rejection} from '../../support/rejection.js';
import {useWire} from '../../support/wire.js';

const LIST: Answer = {headers: {'Content-Type': 'application/json; charset=utf-8'}, body: '{"releases":[]}'};

describe('the requests of a CatalogueClient', () => {
  const wire = useWire({clock: () => new TestClock()});
  let clients: CatalogueClient[] = [];
  afterEach(async () => {
    for (const client of clients) await client.close();
    clients = [];
  });
  const make = (options: Partial<CatalogueClientOptions> = {}): CatalogueClient => {
    const client = new CatalogueClient({url: wire.server.origin, clock: wire.clock, retry: noRetry(), ...options});
    clients.push(client);
    return client;
  };

  it('go to the address and the path that it was given, with the token and what is understood', async () => {
    wire.server.on('*', LIST);
    expect(await make({url: `${wire.server.origin}/behind/a-proxy/`, token: 'planted.token'}).list({product: 'a b&c', limit: 5})).to.deep.equal([]);
    const [{method, path, headers}] = wire.server.requests as [(typeof wire.server.requests)[0]];
    expect([method, path, headers.authorization, headers.accept]).to.deep.equal(
      ['GET', '/behind/a-proxy/releases?product=a+b%26c&limit=5', 'Bearer planted.token', 'application/json']);
  });

  it('end when no answer comes in time, by the clock of the client', async () => {
    for (const answer of [{...LIST, stallAt: 0}, {...LIST, stallAt: 3}]) {
      wire.server.on('*', answer);
      const before = wire.server.requests.length;
      const error = rejection(make({timeout: 2000}).list());
      await wire.server.when(() => wire.server.requests.length > before);
      await wire.clock.advance(1999);
      expect(wire.clock.ticking).to.equal(1);
      await wire.clock.advance(1);
      const message = `the catalogue at ${wire.server.origin}/ has not answered within 2000 ms`;
      expect(await error).to.include({code: 'TIMED_OUT', sent: true, message});
      expect(wire.clock.ticking).to.equal(0);
    }
  });

  it('take a broken answer for none', async () => {
    const answers: Answer[] = [
      {...LIST, cutAt: 4}, {...LIST, announce: 99}, {...LIST, framing: 'chunked', cutAt: 4}, {raw: 'HTTP/1.1 200', cut: 'end'},
    ];
    for (const answer of answers) {
      wire.server.on('*', answer);
      expect(await rejection(make().list()), JSON.stringify(answer)).to.include({code: 'UNREACHABLE', sent: true, retryable: true});
    }
  });

  it('are sent once more at once when a kept connection turns out to be dead', async () => {
    wire.server.on('*', ({nth}) => nth === 2 ? {raw: '', cut: 'reset'} : LIST);
    const client = make();
    await client.list();
    expect(await client.list()).to.deep.equal([]);
    expect([wire.server.requests.length, wire.server.connections, wire.clock.waits]).to.deep.equal([3, 2, []]);
  });

  it('follow no redirect, so that nobody else gets the token', async () => {
    wire.server.on('*', {status: 307, headers: {Location: `${wire.server.origin}/elsewhere?token=planted`}});
    expect(await rejection(make({token: 'planted.token'}).list())).to.include({code: 'FOREIGN_ANSWER', status: 307})
      .and.to.have.property('message').that.contains('/elsewhere?token=***');
    expect(wire.server.requests).to.have.length(1);
  });

  it('refuse an answer that is too large, or no JSON', async () => {
    wire.server.on('*', LIST);
    const error = await rejection(make({answerBytes: 14}).list());
    expect(error).to.include({code: 'FOREIGN_ANSWER', message: `the catalogue at ${wire.server.origin}/ answered with more than 14 bytes`});
    const html = {...LIST, headers: {'Content-Type': 'text/html'}};
    for (const answer of [{...LIST, body: '{"releases":'}, {...LIST, body: '[]'}, html, {body: '{}'}]) {
      wire.server.on('*', answer);
      expect(await rejection(make().list()), JSON.stringify(answer)).to.include({code: 'FOREIGN_ANSWER', status: 200});
    }
  });

  it('trust the authorities that they are told to, and no others', async () => {
    const {ca, server} = certificates();
    const secure = await ScriptedServer.start({tls: server});
    try {
      secure.on('*', LIST);
      expect(await make({url: secure.origin, tls: {ca: ca.cert}}).list()).to.deep.equal([]);
      expect(await rejection(make({url: secure.origin}).list())).to.include({code: 'UNREACHABLE', sent: false});
    } finally {
      await secure.close();
    }
  });

  it('show the token in nothing that comes of them', async () => {
    const token = 'plantedtoken';
    const problem = (status: number): Answer => ({
      status, headers: {'Content-Type': 'application/problem+json', 'Retry-After': '1'}, body: JSON.stringify({
        code: 'INVALID_DOCUMENT', detail: `Bearer ${token} ${token}`, pointer: `/${token}`, conflicts: [{path: token}],
      }),
    });
    const answers: Answer[] = [
      ...[400, 401, 403, 409, 412, 422, 500, 503].map(problem), {status: 401, body: token}, {status: 301, headers: {Location: `http://h/${token}`}},
      {...LIST, body: token}, {...LIST, cutAt: 2}, {raw: `nonsense ${token}`, cut: 'end'}, {headers: {'Content-Type': token}},
    ];
    for (const answer of answers) {
      wire.server.on('*', answer);
      const client = make({token});
      const error = await rejection<CatalogueError>(client.publish('r', [], {actor: 'elmer'}));
      const shown = [error.stack, JSON.stringify(error), inspect(error, {depth: 9, showHidden: true}), inspect(client, {depth: 9})].join('\n');
      expect(shown, JSON.stringify(answer)).to.not.contain(token);
      expect(wire.server.requests.at(-1)?.headers.authorization).to.equal(`Bearer ${token}`);
    }
  });
});
