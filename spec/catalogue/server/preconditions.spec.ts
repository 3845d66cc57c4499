import {expect} from 'chai';
import {entityTag, isKnown, preconditionOf} from '../../../src/catalogue/server/preconditions.js';
import {Problem} from '../../../src/catalogue/server/problem.js';
import {partial} from '../facts.js';
import {merging, useServed} from './served.js';

describe('preconditionOf', () => {
  it('reads each header', () => {
    expect(preconditionOf({})).to.deep.equal({kind: 'none'});
    expect(preconditionOf({'if-match': ' * '})).to.deep.equal({kind: 'any'});
    expect(preconditionOf({'if-match': '"1", W/"2","x" ,"33"'})).to.deep.equal({kind: 'versions', versions: [1, 33]});
    expect(preconditionOf({'if-none-match': '*'})).to.deep.equal({kind: 'absent'});
    expect(preconditionOf({'merge-base': '0'})).to.deep.equal({kind: 'base', base: 0});
    expect(preconditionOf({'merge-release-base': '823'})).to.deep.equal({kind: 'base', releaseBase: 823});
  });

  it('refuses what is malformed, and two at once', () => {
    for (const headers of [{'if-match': '7'}, {'if-match': ''}, {'if-match': '"7'}, {'merge-base': '1.5'}, {'merge-base': '1e3'},
      {'if-none-match': '"7"'}, {'if-match': '*', 'merge-base': '7'}]) {
      expect(() => preconditionOf(headers), JSON.stringify(headers)).to.throw(Problem);
    }
  });
});

describe('isKnown', () => {
  it('compares weakly', () => {
    expect(isKnown('W/"7"', entityTag(7))).to.equal(true);
    expect(isKnown('"1", "7"', entityTag(7))).to.equal(true);
    expect(isKnown('*', entityTag(7))).to.equal(true);
    expect(isKnown('"77"', entityTag(7))).to.equal(false);
    expect(isKnown(undefined, entityTag(7))).to.equal(false);
  });
});

describe('entity tags of a server', () => {
  const served = useServed();
  const {ask} = served;
  const part = '/releases/r1/parts/linux/de';

  beforeEach(async () => {
    await ask('POST', '/releases', {json: {name: 'r1', product: 'firefox'}});
    await ask('PUT', part, {json: {n: 1}});
  });

  it('go round: what is read can be replaced, once', async () => {
    const {etag} = (await ask('GET', part)).headers;
    const first = await ask('PUT', part, {json: {n: 2}, headers: {'if-match': etag!}});
    expect([first.status, first.headers.etag]).to.deep.equal([200, '"2"']);
    const second = await ask('PUT', part, {json: {n: 3}, headers: {'if-match': etag!}});
    expect([second.status, second.body.currentVersion]).to.deep.equal([412, 2]);
    expect((await ask('GET', part)).body).to.deep.equal({n: 2});
  });

  it('give 304 to who has it, of the part and of the release', async () => {
    for (const path of [part, '/releases/r1', '/releases/r1/parts', `${part}?version=2`]) {
      const {etag} = (await ask('GET', path)).headers;
      const again = await ask('GET', path, {headers: {'if-none-match': etag!}});
      expect([again.status, again.text, again.headers.etag], path).to.deep.equal([304, '', etag]);
    }
    await ask('PUT', part, {json: {n: 2}, headers: {'if-match': '*'}});
    expect((await ask('GET', part, {headers: {'if-none-match': '"1"'}})).status).to.equal(200);
  });

  it('don\'t change with what happens to other parts', async () => {
    await ask('PUT', '/releases/r1/parts/mac', {json: {}});
    expect((await ask('GET', part)).headers.etag).to.equal('"1"');
    expect((await ask('GET', '/releases/r1')).headers.etag).to.equal('"3"');
  });

  it('of several in If-Match take the one that stands', async () => {
    expect((await ask('PUT', part, {json: {n: 2}, headers: {'if-match': '"9", "1"'}})).status).to.equal(200);
  });

  it('never come back, also when the part is made anew', async () => {
    await ask('DELETE', part, {headers: {'if-match': '"1"'}});
    const again = await ask('PUT', part, {json: {n: 1}, headers: {'if-none-match': '*'}});
    expect(again.headers.etag).to.equal('"3"');
  });

  it('guard patches: with a stale one nothing is merged, with a base it is', async () => {
    const patch = {m: 1};
    await ask('PUT', part, {json: {n: 2}, headers: {'if-match': '"1"'}});
    expect((await ask('PATCH', part, merging(patch, {'if-match': '"1"'}))).status).to.equal(412);
    expect((await ask('GET', part)).body).to.deep.equal({n: 2});
    const merged = await ask('PATCH', part, merging(patch, {'merge-base': '1'}));
    expect([merged.status, merged.body.merged, merged.headers.etag]).to.deep.equal([200, true, undefined]);
    expect((await ask('GET', part)).body).to.deep.equal({n: 2, m: 1});
    const guarded = await ask('PATCH', part, merging({n: null}, {'if-match': '"3"'}));
    expect([guarded.status, guarded.headers.etag]).to.deep.equal([200, '"4"']);
    expect((await ask('GET', part)).body).to.deep.equal({m: 1});
  });

  it('guard patches of all parts', async () => {
    const patch = {'/mac': {a: 1}, '/linux/de': null};
    expect((await ask('PATCH', '/releases/r1/parts', merging(patch, {'if-match': '"1"'}))).status).to.equal(412);
    expect((await ask('PATCH', '/releases/r1/parts', merging(patch, {'if-match': '"2"'}))).status).to.equal(200);
    expect((await ask('GET', '/releases/r1/parts')).body).to.deep.equal({'/mac': {a: 1}});
  });

  it('merge a whole document from a base of the part, or of the release', async () => {
    await ask('POST', '/releases/r1/facts', {json: [partial('/linux/de', 'r0')]});
    const put = await ask('PUT', part, {json: {n: 1, mine: true}, headers: {'merge-base': '1'}});
    expect([put.status, put.body.merged]).to.deep.equal([200, true]);
    await ask('PUT', part, {json: {n: 1, ours: true}, headers: {'merge-release-base': '2'}});
    const {body} = await ask('GET', part);
    expect([body.mine, body.ours, body.partials.length]).to.deep.equal([true, true, 1]);
  });

  it('are told only of what the client knows whole', async () => {
    const etagOf = async (...given: Parameters<typeof ask>): Promise<string | undefined> => (await ask(...given)).headers.etag;
    expect(await etagOf('POST', '/releases/r1/facts', {json: [partial('/linux/de', 'r0')]})).to.equal(undefined);
    expect(await etagOf('POST', '/releases', {json: {name: 'r1', product: 'firefox'}})).to.equal(undefined);
    expect(await etagOf('PATCH', '/releases/r1/parts', merging({'/mac': {}}, {'merge-base': '2'}))).to.equal(undefined);
    expect(await etagOf('PUT', '/releases/r1/parts', {json: {}, headers: {'if-match': '*'}})).to.equal(undefined);
    expect(await etagOf('PUT', '/releases/r1/parts', {json: {'/a': {}}, headers: {'if-match': '"6"'}})).to.equal('"7"');
    expect(await etagOf('PATCH', '/releases/r1/parts/a', merging({b: 1}, {'merge-base': '1'}))).to.equal('"2"');
  });

  it('let a part be patched into being', async () => {
    expect((await ask('PATCH', '/releases/r1/parts/new', merging({a: 1}))).status).to.equal(200);
    expect((await ask('PATCH', '/releases/r1/parts/newer', merging({a: 1}, {'merge-base': '0'}))).status).to.equal(200);
    expect((await ask('GET', '/releases/r1/parts/new')).body).to.deep.equal({a: 1});
  });
});
