import {expect} from 'chai';
import type {Change} from '../../../src/catalogue/contract.js';
import {partial} from '../facts.js';
import {merging, useServed} from './served.js';

describe('sixteen publishers at once', () => {
  const served = useServed();
  const {ask} = served;

  it('lose nothing, make nothing twice, and are never refused', async function test() {
    this.timeout(60_000);
    await served.start();
    const replies = await Promise.all(Array.from({length: 16}, async (_, writer) => {
      const statuses: number[] = [];
      for (let fact = 0; fact < 10; fact++) {
        const json = [partial(`/linux/${fact % 2 === 0 ? 'de' : 'fr'}`, `from-${writer}-${fact}`)];
        const headers = {'idempotency-key': `${writer}-${fact}`, 'catalogue-actor': `w${writer}`};
        statuses.push((await ask('POST', '/releases/r1/facts?product=firefox', {json, headers})).status);
      }
      return statuses;
    }));
    expect(new Set(replies.flat())).to.deep.equal(new Set([200]));
    const parts = (await ask('GET', '/releases/r1/parts')).body as Record<string, {partials: {from: string}[]}>;
    const names = Object.values(parts).flatMap(({partials}) => partials.map(({from}) => from));
    expect(names).to.have.length(160);
    expect(new Set(names)).to.have.property('size', 160);
    const {changes, last} = (await ask('GET', '/changes?limit=1000')).body as {changes: Change[]; last: number};
    expect(last).to.equal(161);
    const counted = Array.from({length: 161}, (_, at) => [at + 1, at + 1]);
    expect(changes.map(({seq, releaseVersion}) => [seq, releaseVersion])).to.deep.equal(counted);
  });

  it('patch with one base, all of them', async () => {
    await ask('POST', '/releases', {json: {name: 'r1', product: 'firefox'}});
    const part = '/releases/r1/parts/linux';
    await ask('PUT', part, {json: {}});
    const replies = await Promise.all(Array.from({length: 16}, (_, writer) =>
      ask('PATCH', part, merging({[`w${writer}`]: writer}, {'merge-base': '1'}))));
    expect(replies.map(({status}) => status)).to.deep.equal(Array.from({length: 16}, () => 200));
    expect(Object.keys((await ask('GET', part)).body)).to.have.length(16);
  });

  it('replace with one version: one of them wins, the others are told', async () => {
    await ask('POST', '/releases', {json: {name: 'r1', product: 'firefox'}});
    const part = '/releases/r1/parts/linux';
    await ask('PUT', part, {json: {}});
    const replies = await Promise.all(Array.from({length: 16}, (_, writer) =>
      ask('PUT', part, {json: {writer}, headers: {'if-match': '"1"'}})));
    expect(replies.filter(({status}) => status === 200)).to.have.length(1);
    expect(replies.filter(({status, body}) => status === 412 && body.currentVersion === 2)).to.have.length(15);
  });
});
