import {expect} from 'chai';
import {Overloaded, type CatalogueError} from '../../../src/catalogue/catalogue-errors.js';
import type {Catalogue} from '../../../src/catalogue/catalogue.js';
import type {Unreachable} from '../../../src/catalogue/client/client-errors.js';
import type {ReleaseCatalogue} from '../../../src/catalogue/contract.js';
import type {CatalogueServerOptions} from '../../../src/catalogue/server/server-options.js';
import {rejection} from '../../support/rejection.js';
import {ELMER, partial, PRODUCT} from '../facts.js';
import {useServedCatalogue} from './served-catalogue.js';

const NEW = {...ELMER, create: PRODUCT} as const;

/** The app that a server lets its caller add to. */
type App = Parameters<NonNullable<CatalogueServerOptions['extend']>>[0];

/** A catalogue whose `publish` is another one. */
function publishing(catalogue: Catalogue, publish: ReleaseCatalogue['publish']): ReleaseCatalogue {
  return new Proxy(catalogue, {get: (target, name) => {
    const value: unknown = name === 'publish' ? publish : Reflect.get(target, name);
    return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
  }});
}

describe('CatalogueClient', () => {
  const served = useServedCatalogue();

  it('does a write once when the answer is lost after the commit', async () => {
    let [cut, asked] = [2, 0];
    await served.start(undefined, {unauthenticated: true, extend: (app: App) => {
      app.addHook('onSend', async (request) => {
        asked++;
        if (cut-- > 0) request.raw.socket.destroy();
      });
    }});
    const result = await served.client().publish('r', [partial('/a', 'r1')], NEW);
    expect([asked, result.replayed, result.changes.length]).to.deep.equal([3, true, 2]);
    expect(await served.catalogue.changes()).to.have.length(2);
    expect(served.clock.waits).to.deep.equal([500, 1000]);
  });

  it('says that the outcome is not known when no answer ever came, with the id by which it may be repeated', async () => {
    await served.start(undefined, {unauthenticated: true, extend: (app: App) => {
      app.addHook('onSend', async (request) => { request.raw.socket.destroy(); });
    }});
    const error = await rejection<CatalogueError>(served.client({newId: () => 'mine'}).publish('r', [partial('/a', 'r1')], NEW));
    expect(error).to.include({code: 'OUTCOME_UNKNOWN', requestId: 'mine', retryable: true});
    expect(await served.catalogue.changes()).to.have.length(2);
    await served.start();
    expect(await served.client().publish('r', [partial('/a', 'r1')], {...NEW, requestId: 'mine'})).to.include({replayed: true, version: 2});
  });

  it('knows that nothing was written when no connection was made', async () => {
    const client = served.client();
    await served.stop();
    const error = await rejection<Unreachable>(client.publish('r', [partial('/a', 'r1')], NEW));
    expect(error).to.include({code: 'UNREACHABLE', sent: false, retryable: true});
    expect(error.message).to.equal(`no connection to the catalogue at ${served.url}/ (ECONNREFUSED)`);
    expect(served.clock.waits).to.deep.equal([500, 1000, 2000, 4000]);
  });

  it('waits as long as the server asks, and no longer than its patience', async () => {
    let [left, retryAfter] = [2, 3000];
    await served.start((catalogue) => publishing(catalogue, async (...asked) => {
      if (left-- > 0) throw new Overloaded('locked', retryAfter);
      return catalogue.publish(...asked);
    }));
    expect(await served.client().publish('r', [partial('/a', 'r1')], NEW)).to.include({version: 2});
    expect(served.clock.waits).to.deep.equal([3150, 3150]);
    [left, retryAfter] = [1, 3_600_000];
    expect(await rejection(served.client().publish('r', [partial('/a', 'r1')], NEW))).to.include({code: 'OVERLOADED', retryAfter});
    expect(served.clock.waits).to.have.length(2);
  });

  it('gives up when the deadline would pass', async () => {
    await served.start((catalogue) => publishing(catalogue, () => Promise.reject(new Overloaded('locked', 3000))));
    expect(await rejection(served.client({deadline: 5000}).publish('r', [], NEW))).to.include({code: 'OVERLOADED'});
    expect(served.clock.waits).to.deep.equal([3150]);
  });

  it('sends a refused request once', async () => {
    let asked = 0;
    await served.start(undefined, {unauthenticated: true, extend: (app: App) => {
      app.addHook('onRequest', async () => { asked++; });
    }});
    const client = served.client();
    await client.publish('r', [partial('/a', 'r1')], NEW);
    const refused = [
      () => client.publish('r', [partial('/a', 'r2'), {...partial('/a', 'r3'), size: -1}], ELMER),
      () => client.publish('r', [partial('/a', 'r1', 'b')], ELMER), () => client.publish('unknown', [], ELMER),
      () => client.replace({name: 'r', path: '/a'}, {}, {...ELMER, ifVersion: 9}),
    ];
    for (const write of refused) await rejection(write());
    expect(asked).to.equal(1 + refused.length);
    expect(served.clock.waits).to.deep.equal([]);
  });

  it('publishes any number of facts in batches', async () => {
    const facts = function* (): Generator<ReturnType<typeof partial>> {
      for (let n = 0; n < 250; n++) yield partial(`/p${n % 7}`, `r${n}`);
    };
    const result = await served.client().publishAll('r', facts(), {...NEW, batch: 100, requestId: 'nightly'});
    expect(result).to.include({batches: 3, facts: 250});
    const ids = (await served.catalogue.changes({limit: 1000})).map(({requestId}) => requestId);
    expect([...new Set(ids)]).to.deep.equal(['nightly.1', 'nightly.2', 'nightly.3']);
    const counts = (await served.catalogue.get('r')).parts.map(({document}) => (document.partials as unknown[]).length);
    expect(counts.reduce((sum, count) => sum + count)).to.equal(250);
    expect(await served.client().publishAll('r', facts(), {...NEW, batch: 100, requestId: 'nightly'})).to.deep.equal(result);
  });

  it('packs what is large, and only that', async () => {
    const encodings: unknown[] = [];
    await served.start(undefined, {unauthenticated: true, extend: (app: App) => {
      app.addHook('onRequest', async ({headers}) => {
        encodings.push([headers['content-encoding'], Number(headers['content-length']) > 4000]);
      });
    }});
    const client = served.client({gzipAbove: 4000});
    await client.publish('r', [partial('/a', 'r1')], NEW);
    await client.publish('r', Array.from({length: 100}, (_, n) => partial('/a', `r${n}`)), ELMER);
    expect(encodings).to.deep.equal([[undefined, false], ['gzip', false]]);
    expect((await client.getPart('r', '/a')).document.partials).to.have.length(100);
  });

  it('leaves when the signal says so, while it waits and while it is asked', async () => {
    const waiting = new AbortController();
    const client = served.client({clock: undefined});
    await served.start((catalogue) => publishing(catalogue, () => {
      waiting.abort(new Error('enough'));
      return new Promise(() => undefined);
    }));
    expect(await rejection(client.publish('r', [], {...NEW, signal: waiting.signal}))).to.include({message: 'enough'});
    expect(await rejection(client.publish('r', [], {...NEW, signal: waiting.signal}))).to.include({message: 'enough'});
    await served.start((catalogue) => publishing(catalogue, () => {
      setImmediate(() => { pausing.abort(new Error('enough, too')); });
      return Promise.reject(new Overloaded('locked', 60_000));
    }));
    const pausing = new AbortController();
    expect(await rejection(client.publish('r', [], {...NEW, signal: pausing.signal}))).to.include({message: 'enough, too'});
  });

  it('ends what is under way when it is closed, and asks nothing more', async () => {
    const client = served.client();
    await served.start((catalogue) => publishing(catalogue, () => {
      void client.close();
      return new Promise(() => undefined);
    }));
    for (let n = 0; n < 2; n++) {
      expect(await rejection(client.publish('r', [], NEW))).to.include({code: 'UNREACHABLE', message: 'the client was closed'});
    }
  });

  it('refuses options by name, and shows no password', () => {
    const table: [object, string][] = [
      [{url: 'ftp://host'}, 'url: expected an http or https URL'], [{url: 'nonsense'}, 'url: expected the http or https URL of a catalogue'],
      [{url: 'http://elmer:planted@host'}, 'url: expected no user and no password'],
      [{url: 'http://host/?a=1'}, 'url: expected a URL without query'],
      [{retries: 3}, 'unknown option \'retries\''], [{timeout: 2 ** 40}, 'timeout: expected at most'],
      [{retry: {}}, 'retry: expected a RetryPolicy'],
      [{token: 'plan ted'}, 'token: expected the characters of a bearer token'],
      [{token: {file: 'a', variable: 'b'}}, 'token: expected a token'],
    ];
    for (const [options, message] of table) {
      expect(() => served.client(options)).to.throw(message).and.to.satisfy(({message: text}: Error) => !/plan ?ted/.test(text));
    }
  });
});
