import {expect} from 'chai';
import * as zod from 'zod';
import {
  OutcomeUnknown, Overloaded, PrunedAncestor, StoreFault, StoreReadOnly,
} from '../../../src/catalogue/catalogue-errors.js';
import type {ReleaseCatalogue} from '../../../src/catalogue/contract.js';
import {schemas} from '../../../src/catalogue/server/schemas.js';
import {partial} from '../facts.js';
import {merging, patching, useServed, type Ask, type Reply} from './served.js';

const SECRET = 'select body from part where token=hunter2 postgres://elmer:hunter2@db';

describe('Problem', () => {
  const served = useServed();
  const {ask} = served;
  const part = '/releases/r1/parts/linux/de';

  beforeEach(async () => {
    await served.start();
    await ask('POST', '/releases', {json: {name: 'r1', product: 'firefox'}});
    await ask('PUT', part, {json: {n: 1}});
  });

  function expectProblem(reply: Reply, status: number, code: string): void {
    expect([reply.status, reply.body?.code], reply.text).to.deep.equal([status, code]);
    expect(reply.headers['content-type']).to.match(/^application\/problem\+json/);
    expect(schemas(zod).problem.safeParse(reply.body).error).to.equal(undefined);
    expect(reply.body.type).to.equal(`urn:jupiter-download:catalogue:${code.toLowerCase().replaceAll('_', '-')}`);
    expect(reply.body.status).to.equal(status);
    expect(reply.text).to.not.match(/stack|node_modules|\.ts|select |insert |hunter2/i);
  }

  const json = {n: 2};
  const table: [number, string, string, string, Ask?][] = [
    [400, 'BAD_REQUEST', 'GET', '/releases?limit=0'],
    [400, 'BAD_REQUEST', 'GET', '/releases?limit=1001'],
    [400, 'BAD_REQUEST', 'GET', '/releases?limit=10&limit=20'],
    [400, 'BAD_REQUEST', 'GET', '/releases?unknown=1'],
    [400, 'BAD_REQUEST', 'GET', '/releases/r1?version=1&at=1'],
    [400, 'BAD_REQUEST', 'GET', '/releases/r1?version=0'],
    [400, 'BAD_REQUEST', 'GET', '/releases/r1?version=99999999999999999999'],
    [400, 'BAD_REQUEST', 'GET', '/releases/r1?at=yesterday'],
    [400, 'BAD_REQUEST', 'GET', '/releases/r1/diff?from=1'],
    [400, 'BAD_REQUEST', 'GET', '/changes/0'],
    [400, 'BAD_REQUEST', 'GET', '/changes/x'],
    [400, 'BAD_REQUEST', 'GET', '/changes?after=-1'],
    [400, 'BAD_REQUEST', 'GET', '/releases/%zz'],
    [400, 'BAD_REQUEST', 'GET', '/releases/r1', {headers: {'if-none-match': 'r1'}}],
    [400, 'BAD_REQUEST', 'PUT', part, {json, headers: {'if-match': '1'}}],
    [400, 'BAD_REQUEST', 'PUT', part, {json, headers: {'if-match': '"1"', 'merge-base': '1'}}],
    [400, 'BAD_REQUEST', 'PUT', part, {json, headers: {'merge-base': '-1'}}],
    [400, 'BAD_REQUEST', 'PUT', part, {json, headers: {'if-none-match': '"1"'}}],
    [400, 'BAD_REQUEST', 'PUT', part, {json, headers: {'idempotency-key': ''}}],
    [400, 'BAD_REQUEST', 'PUT', part, {json, headers: {'idempotency-key': 'x'.repeat(256)}}],
    [400, 'BAD_REQUEST', 'PATCH', part, merging({}, {'if-match': '*'})],
    [400, 'BAD_REQUEST', 'POST', '/releases/r1/facts?schema=2', {json: []}],
    [404, 'NO_SUCH_ADDRESS', 'GET', '/nothing'],
    [404, 'UNKNOWN_RELEASE', 'GET', '/releases/r2'],
    [404, 'UNKNOWN_RELEASE', 'PUT', '/releases/r2/parts/linux', {json}],
    [404, 'UNKNOWN_RELEASE', 'DELETE', '/releases/r2'],
    [404, 'UNKNOWN_RELEASE', 'POST', '/releases/r2/facts', {json: [partial('/linux/de', 'r0')]}],
    [404, 'UNKNOWN_PART', 'GET', '/releases/r1/parts/mac'],
    [404, 'UNKNOWN_PART', 'DELETE', '/releases/r1/parts/mac'],
    [404, 'UNKNOWN_VERSION', 'GET', '/releases/r1?version=99'],
    [404, 'UNKNOWN_VERSION', 'GET', '/changes/99'],
    [405, 'METHOD_NOT_ALLOWED', 'POST', '/releases/r1'],
    [405, 'METHOD_NOT_ALLOWED', 'DELETE', '/releases'],
    [409, 'RELEASE_EXISTS', 'POST', '/releases', {json: {name: 'r1', product: 'thunderbird'}}],
    [412, 'STALE_VERSION', 'PUT', part, {json, headers: {'if-match': '"7"'}}],
    [412, 'STALE_VERSION', 'PUT', part, {json, headers: {'if-match': 'W/"1"'}}],
    [412, 'STALE_VERSION', 'PUT', part, {json, headers: {'if-match': '"0"'}}],
    [412, 'STALE_VERSION', 'PUT', part, {json, headers: {'if-none-match': '*'}}],
    [412, 'STALE_VERSION', 'PATCH', part, merging({}, {'if-match': '"7"'})],
    [412, 'STALE_VERSION', 'PATCH', part, merging({}, {'merge-base': '7'})],
    [412, 'STALE_VERSION', 'DELETE', part, {headers: {'if-match': '"7", "8"'}}],
    [412, 'STALE_VERSION', 'DELETE', '/releases/r1', {headers: {'if-match': '"1"'}}],
    [412, 'STALE_VERSION', 'PUT', '/releases/r1/parts', {json: {}, headers: {'if-match': '"1"'}}],
    [415, 'UNSUPPORTED_MEDIA_TYPE', 'PUT', part, {body: '{}', type: 'text/plain', headers: {'if-match': '*'}}],
    [415, 'UNSUPPORTED_MEDIA_TYPE', 'PUT', part, {body: '{}'}],
    [415, 'UNSUPPORTED_MEDIA_TYPE', 'PUT', part, {body: '{}', type: 'application/json; charset=latin1'}],
    [415, 'UNSUPPORTED_MEDIA_TYPE', 'PATCH', part, {json}],
    [415, 'UNSUPPORTED_MEDIA_TYPE', 'PUT', part, {json, headers: {'content-encoding': 'br'}}],
    [415, 'UNSUPPORTED_MEDIA_TYPE', 'DELETE', part, {json, headers: {'if-match': '*'}}],
    [422, 'INVALID_DOCUMENT', 'PUT', part, {body: '{', type: 'application/json'}],
    [422, 'INVALID_DOCUMENT', 'PUT', part, {body: '', type: 'application/json'}],
    [422, 'INVALID_DOCUMENT', 'PUT', part, {json: [1]}],
    [422, 'INVALID_DOCUMENT', 'POST', '/releases', {json: {name: 'r2'}}],
    [422, 'INVALID_DOCUMENT', 'POST', '/releases', {json: {name: 'r2', product: 'p', schema: 0}}],
    [422, 'INVALID_DOCUMENT', 'POST', '/releases', {json: {name: 'r2', product: 'p', hashFunction: 'rot13'}}],
    [422, 'INVALID_DOCUMENT', 'POST', '/releases/r1/facts', {json: {}}],
    [422, 'INVALID_DOCUMENT', 'PATCH', part, {body: '[]', type: 'application/merge-patch+json', headers: {'merge-base': '1'}}],
    [422, 'INVALID_NAME', 'POST', '/releases', {json: {name: '', product: 'p'}}],
    [422, 'INVALID_NAME', 'GET', '/releases/a%00b'],
    [422, 'INVALID_NAME', 'GET', '/releases/r1/parts/a~3'],
    [422, 'INVALID_NAME', 'GET', `/releases/${'x'.repeat(256)}`],
    [422, 'INVALID_FACT', 'POST', '/releases/r1/facts', {json: [{}]}],
    [422, 'PATCH_FAILED', 'PATCH', part, patching([{op: 'test', path: '/n', value: 9}], {'merge-base': '1'})],
    [422, 'PATCH_FAILED', 'PATCH', part, patching([{op: 'remove', path: '/x'}], {'if-match': '"1"'})],
    [428, 'PRECONDITION_REQUIRED', 'PUT', part, {json}],
    [428, 'PRECONDITION_REQUIRED', 'PATCH', part, merging({})],
    [428, 'PRECONDITION_REQUIRED', 'DELETE', part],
    [428, 'PRECONDITION_REQUIRED', 'DELETE', '/releases/r1'],
    [428, 'PRECONDITION_REQUIRED', 'PUT', '/releases/r1/parts', {json: {}}],
    [428, 'PRECONDITION_REQUIRED', 'PUT', '/releases/r1/read-only', {json: {readOnly: true}}],
  ];
  it('is the answer to every request of the table, and none of them leaves a trace', async () => {
    const before = await served.engine.dump();
    for (const [status, code, method, path, what] of table) {
      const reply = await ask(method, path, what);
      expectProblem(reply, status, code);
      expect(reply.body.retryable).to.equal(false);
    }
    expect(await served.engine.dump()).to.equal(before);
    expect(served.faults).to.deep.equal([]);
  });

  it('tells the version that stands, and what methods there are', async () => {
    expect((await ask('PUT', part, {json, headers: {'if-match': '"7"'}})).body.currentVersion).to.equal(1);
    expect((await ask('PUT', '/releases/r1/parts/new', {json, headers: {'if-match': '"7"'}})).body.currentVersion).to.equal(0);
    expect((await ask('PUT', part, {json})).body.currentVersion).to.equal(1);
    expect((await ask('PUT', '/releases/r1/parts', {json: {}})).body.currentVersion).to.equal(2);
    expect((await ask('POST', '/releases/r1')).headers.allow).to.equal('GET, DELETE');
  });

  it('tells every place of a conflict', async () => {
    await ask('POST', '/releases/r1/facts', {json: [partial('/linux/de', 'r0', 'a')]});
    const facts = await ask('POST', '/releases/r1/facts', {json: [partial('/mac', 'r0'), partial('/linux/de', 'r0', 'b')]});
    expectProblem(facts, 409, 'MERGE_CONFLICT');
    const [{part: at, path, kind, index, tip, incoming}] = facts.body.conflicts;
    expect([at, path, kind, index]).to.deep.equal(['/linux/de', '/partials/r0', 'both-changed', 1]);
    expect([tip.digest[0], incoming.digest[0]]).to.deep.equal(['a', 'b']);
    await ask('PUT', part, {json: {n: 2, m: 2}, headers: {'if-match': '"2"'}});
    const patched = await ask('PATCH', part, merging({n: 3, m: 3}, {'merge-base': '1'}));
    expectProblem(patched, 409, 'MERGE_CONFLICT');
    expect(patched.body.conflicts.map((conflict: {path: string}) => conflict.path)).to.deep.equal(['/m', '/n']);
    expect(patched.body.currentVersion).to.equal(3);
  });

  it('is 409 of a release that is read-only', async () => {
    await ask('PUT', '/releases/r1/read-only', {json: {readOnly: true}, headers: {'if-match': '*'}});
    expectProblem(await ask('PUT', part, {json, headers: {'if-match': '*'}}), 409, 'READ_ONLY_RELEASE');
  });

  const cause = new Error(SECRET);
  const faults: [number, string, boolean, string | undefined, unknown][] = [
    [503, 'OVERLOADED', true, '3', new Overloaded(SECRET, 2500, {cause})],
    [503, 'OUTCOME_UNKNOWN', true, '1', new OutcomeUnknown(SECRET, 'id-1', {cause})],
    [503, 'STORE_READ_ONLY', false, undefined, new StoreReadOnly(SECRET, {cause})],
    [500, 'STORE_FAULT', false, undefined, new StoreFault(SECRET, {cause})],
    [500, 'INTERNAL', false, undefined, new TypeError(SECRET)],
    [500, 'INTERNAL', false, undefined, SECRET],
    [409, 'PRUNED_ANCESTOR', false, undefined, new PrunedAncestor('gone', 3, 9)],
  ];
  for (const [status, code, retryable, retryAfter, error] of faults) {
    const thrown = error instanceof Error ? error.name : 'a text';
    it(`is ${status} ${code} when the catalogue throws ${thrown}, and tells nothing of its text`, async () => {
      const {catalogue} = served;
      const failing = {changes: catalogue.changes.bind(catalogue), publish: catalogue.publish.bind(catalogue),
        list: () => Promise.reject(error)} as unknown as ReleaseCatalogue;
      await served.start({catalogue: failing});
      const reply = await ask('GET', '/releases');
      expectProblem(reply, status, code);
      expect([reply.body.retryable, reply.headers['retry-after']]).to.deep.equal([retryable, retryAfter]);
      expect(served.faults.map((fault) => fault.route)).to.deep.equal(status === 500 ? ['/releases'] : []);
      expect(JSON.stringify(served.faults.map((fault) => [fault, (fault.error as Error).message]))).to.not.contain('hunter2');
    });
  }
});
