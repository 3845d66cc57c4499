import {expect} from 'chai';
import * as zod from 'zod';
import {partsPath, releasePath} from '../../../src/catalogue/server/url-names.js';
import {routesContract, type RouteContract} from '../../../src/catalogue/server/routes-contract.js';
import {complete, partial} from '../facts.js';
import {merging, patching, useServed, type Reply} from './served.js';

const GUARDED = {'if-match': '*'};

describe('catalogueServer', () => {
  const served = useServed();
  const {ask} = served;
  const part = '/releases/r1/parts/linux/de';

  /** What a route answers is what its contract says. */
  function expectAnswer(name: keyof ReturnType<typeof routesContract>['routes'], {status, body}: Reply): void {
    const route: RouteContract = routesContract(zod).routes[name];
    expect([200, route.status]).to.include(status);
    expect(route.answer?.safeParse(body).error, name).to.equal(undefined);
  }

  it('answers every route as the contract says', async () => {
    const made = await ask('POST', '/releases', {json: {name: 'r1', product: 'firefox', schema: 2, hashFunction: 'sha512'}});
    expectAnswer('createRelease', made);
    expect([made.status, made.headers.location, made.headers.etag]).to.deep.equal([201, '/releases/r1', '"1"']);
    const facts = await ask('POST', '/releases/r1/facts', {json: [partial('/linux/de', 'r0'), complete('/linux/de', 'a')]});
    expectAnswer('publishFacts', facts);
    expect(facts.body.changes).to.have.length(1);
    expectAnswer('health', await ask('GET', '/health'));
    expectAnswer('listReleases', await ask('GET', '/releases?product=firefox&after=a&limit=10'));
    expectAnswer('getRelease', await ask('GET', '/releases/r1'));
    expectAnswer('getParts', await ask('GET', '/releases/r1/parts?version=2'));
    expectAnswer('getPart', await ask('GET', `${part}?partVersion=1`));
    expectAnswer('replacePart', await ask('PUT', part, {json: {a: 1}, headers: GUARDED}));
    expectAnswer('patchPart', await ask('PATCH', part, merging({b: 2}, {'merge-base': '2'})));
    const documents = {json: {'/linux/de': {c: 3}, '/mac/de': {}}, headers: {'if-match': '"4"'}};
    expectAnswer('replaceParts', await ask('PUT', '/releases/r1/parts', documents));
    const patch = patching([{op: 'add', path: '/~1mac~1fr', value: {}}], {'merge-base': '6'});
    expectAnswer('patchParts', await ask('PATCH', '/releases/r1/parts', patch));
    expectAnswer('removePart', await ask('DELETE', '/releases/r1/parts/mac/fr', {headers: GUARDED}));
    expectAnswer('getHistory', await ask('GET', '/releases/r1/history?path=/linux/de&before=9&limit=5'));
    const diff = await ask('GET', '/releases/r1/diff?from=2&to=3');
    expectAnswer('getDiff', diff);
    expect(diff.body.parts[0].changes.map(({path}: {path: string}) => path)).to.deep.equal(['/a', '/completes', '/partials']);
    expectAnswer('listChanges', await ask('GET', '/changes?after=1&name=r1&limit=2'));
    const change = await ask('GET', '/changes/2');
    expectAnswer('getChange', change);
    const reverted = await ask('POST', '/changes/2/revert', {headers: GUARDED});
    expectAnswer('revertChange', reverted);
    expect((await ask('GET', part)).body).to.deep.equal(change.body.document);
    expectAnswer('setReadOnly', await ask('PUT', '/releases/r1/read-only', {json: {readOnly: true}, headers: GUARDED}));
    expectAnswer('setReadOnly', await ask('PUT', '/releases/r1/read-only', {json: {readOnly: false}, headers: GUARDED}));
    expectAnswer('removeRelease', await ask('DELETE', '/releases/r1', {headers: GUARDED}));
    expect((await ask('GET', '/releases/r1')).status).to.equal(404);
    expect(served.faults).to.deep.equal([]);
  });

  it('answers POST of a release that is there with 200, and nothing changes', async () => {
    const json = {name: 'r1', product: 'firefox'};
    expect((await ask('POST', '/releases', {json})).status).to.equal(201);
    const again = await ask('POST', '/releases', {json});
    expect([again.status, again.body.changes]).to.deep.equal([200, []]);
  });

  it('reads states of the past', async () => {
    await ask('POST', '/releases', {json: {name: 'r1', product: 'firefox'}});
    await ask('PUT', part, {json: {n: 1}});
    const between = (await ask('GET', '/changes?after=1')).body.changes[0].time as number;
    await ask('PUT', part, {json: {n: 2}, headers: GUARDED});
    expect((await ask('GET', `${part}?version=2`)).body).to.deep.equal({n: 1});
    expect((await ask('GET', `${part}?partVersion=1`)).body).to.deep.equal({n: 1});
    expect((await ask('GET', `${part}?at=${between + 100_000}`)).body).to.deep.equal({n: 2});
    expect((await ask('GET', '/releases/r1?at=2001-01-01T00:00:00Z')).body.code).to.equal('UNKNOWN_VERSION');
    expect((await ask('GET', '/releases/r1?version=2')).body.parts[0].document).to.deep.equal({n: 1});
  });

  it('takes facts as NDJSON, makes the release on the way, and refuses item by item when asked', async () => {
    const facts = [partial('/linux/de', 'r0'), partial('/linux/fr', 'r0'), {...partial('/linux/it', 'r0'), size: -1}];
    const body = facts.map((fact) => JSON.stringify(fact)).join('\n\r\n');
    const refused = await ask('POST', '/releases/r1/facts?product=firefox', {body, type: 'application/x-ndjson'});
    const {code, index, pointer} = refused.body;
    expect([refused.status, code, index, pointer]).to.deep.equal([422, 'INVALID_FACT', 2, '/2/size']);
    expect((await ask('GET', '/releases')).body.releases).to.deep.equal([]);
    const taken = await ask('POST', '/releases/r1/facts?product=firefox&perItem=true', {body, type: 'application/x-ndjson; charset=utf-8'});
    expect(taken.body.items.map(({outcome}: {outcome: string}) => outcome)).to.deep.equal(['added', 'added', 'refused']);
    expect(Object.keys((await ask('GET', '/releases/r1/parts')).body)).to.deep.equal(['/linux/de', '/linux/fr']);
  });

  it('gives a repeat of an Idempotency-Key the first answer', async () => {
    await ask('POST', '/releases', {json: {name: 'r1', product: 'firefox'}});
    const headers = {'idempotency-key': '"k-1"'};
    const first = await ask('PUT', part, {json: {n: 1}, headers});
    const again = await ask('PUT', part, {json: {n: 1}, headers});
    expect([first.body.replayed, again.body.replayed, again.body.changes]).to.deep.equal([false, true, first.body.changes]);
    expect(first.body.changes[0].requestId).to.equal('k-1');
    const other = await ask('PUT', part, {json: {n: 2}, headers});
    expect([other.status, other.body.code]).to.deep.equal([422, 'REQUEST_REUSED']);
  });

  it('repeats a guarded patch with its key though the version has moved on since', async () => {
    await ask('POST', '/releases', {json: {name: 'r1', product: 'firefox'}});
    await ask('PUT', part, {json: {n: 1}});
    const what = patching([{op: 'replace', path: '/n', value: 2}], {'idempotency-key': 'k', 'if-match': '"1"'});
    const first = await ask('PATCH', part, what);
    expect((await ask('PATCH', part, what)).body).to.deep.equal({...first.body, replayed: true});
  });

  it('notes who writes', async () => {
    const actor = encodeURIComponent('Zoë/3');
    await ask('POST', '/releases', {json: {name: 'r1', product: 'firefox'}, headers: {'catalogue-actor': actor}});
    await ask('POST', '/releases', {json: {name: 'r2', product: 'firefox'}});
    expect((await served.catalogue.changes()).map((change) => change.actor)).to.deep.equal(['Zoë/3', 'anonymous']);
    const bad = await ask('POST', '/releases', {json: {name: 'r3', product: 'firefox'}, headers: {'catalogue-actor': '%zz'}});
    expect([bad.status, bad.body.code]).to.deep.equal([400, 'BAD_REQUEST']);
  });

  const odd = ['a b', 'a/b', 'a%2Fb', 'a~b', 'a~1b', 'a~2', '~2', '.', '..', 'ü–𝄞', 'a?b#c&d=e', 'a;b', 'a:b', '*', '%', '"\'<>'];
  for (const name of [...odd, 'x'.repeat(255)]) {
    it(`keeps the name ${JSON.stringify(name.slice(0, 20))}, as a release and as a part`, async () => {
      await ask('POST', '/releases', {json: {name, product: 'firefox'}});
      const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const pointers = [pointer, `${pointer}${pointer}`, `${pointer}/`, `/${pointer}`];
      // What a client makes of the address before it asks.
      const address = partsPath(name, pointers[1]);
      expect(new URL(address, served.server.url).pathname).to.equal(address);
      for (const path of pointers) expect((await ask('PUT', partsPath(name, path), {json: {path}})).status, path).to.equal(200);
      expect((await ask('GET', releasePath(name))).body.name).to.equal(name);
      for (const path of pointers) expect((await ask('GET', partsPath(name, path))).body).to.deep.equal({path});
      expect(Object.keys((await ask('GET', partsPath(name))).body).sort()).to.deep.equal([...pointers].sort());
    });
  }

  it('tells HEAD what GET would', async () => {
    await ask('POST', '/releases', {json: {name: 'r1', product: 'firefox'}});
    const head = await ask('HEAD', '/releases/r1');
    expect([head.status, head.headers.etag, head.text]).to.deep.equal([200, '"1"', '']);
  });
});
