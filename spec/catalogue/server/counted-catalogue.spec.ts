import {expect} from 'chai';
import {complete, partial} from '../facts.js';
import {TestClock} from '../../../src/testing/test-clock.js';
import {CountedCatalogue} from '../../../src/catalogue/server/counted-catalogue.js';
import type {ReleaseCatalogue} from '../../../src/catalogue/contract.js';
import {useServed} from './served.js';

const FACTS = '/releases/r1/facts';
const ZERO = {writes: 0, changed: 0, unchanged: 0, replayed: 0, conflicts: 0, stale: 0, refused: 0, failed: 0, merged: 0, retried: 0};

describe('CountedCatalogue', () => {
  const served = useServed();
  const {ask} = served;

  const counts = async (): Promise<Record<string, number>> => {
    const {status, headers, body} = await ask('GET', '/stats');
    expect([status, headers['cache-control'], typeof body.since]).to.deep.equal([200, 'no-store', 'number']);
    const {since: _, ...rest} = body as Record<string, number>;
    return rest;
  };

  it('tells what became of each write, once', async () => {
    expect(await counts()).to.deep.equal(ZERO);
    await ask('POST', '/releases', {json: {name: 'r1', product: 'firefox'}});
    const key = {headers: {'idempotency-key': 'k'}};
    for (let time = 0; time < 2; time++) await ask('POST', FACTS, {json: [partial('/linux', 'r0')], ...key});
    await ask('POST', FACTS, {json: [partial('/linux', 'r0')]});
    expect(await counts()).to.deep.equal({...ZERO, writes: 4, changed: 2, replayed: 1, unchanged: 1});
    await ask('POST', FACTS, {json: [partial('/linux', 'r0', 'b')]});
    await ask('POST', `${FACTS}?perItem=true`, {json: [partial('/linux', 'r0', 'b'), partial('/linux', 'r1')]});
    expect(await counts()).to.deep.equal({...ZERO, writes: 6, changed: 2, replayed: 1, unchanged: 1, conflicts: 2});
  });

  it('tells stale, refused and merged writes apart', async () => {
    await ask('POST', FACTS, {json: [complete('/linux', 'c')]});
    await ask('POST', `${FACTS}?product=firefox`, {json: [complete('/linux', 'c')]});
    await ask('PUT', '/releases/r1/parts/linux', {json: {a: 1}, headers: {'if-match': '"9"'}});
    await ask('PATCH', '/releases/r1/parts/linux', {body: '{"a":1}', type: 'application/merge-patch+json', headers: {'merge-base': '1'}});
    const key = {'merge-base': '1', 'idempotency-key': 'k'};
    for (let time = 0; time < 2; time++) {
      await ask('PATCH', '/releases/r1/parts/linux', {body: '{"b":1}', type: 'application/merge-patch+json', headers: key});
    }
    expect(await counts()).to.deep.equal({...ZERO, writes: 6, refused: 1, changed: 3, replayed: 1, stale: 1, merged: 1});
  });

  it('counts what is the database\'s fault apart, and lets it pass', async () => {
    const fault = new Error('no disk');
    const broken = {create: async () => { throw fault; }} as unknown as ReleaseCatalogue;
    const clock = new TestClock();
    const counted = new CountedCatalogue(broken, clock);
    const error: unknown = await counted.create('r1', {product: 'p'}, {actor: 'a'}).catch((error: unknown) => error);
    expect(error).to.equal(fault);
    expect(counted.counts).to.deep.equal({...ZERO, since: Math.floor(clock.time()), writes: 1, failed: 1});
  });
});
