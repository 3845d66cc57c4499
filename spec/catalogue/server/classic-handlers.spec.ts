import {expect} from 'chai';
import {partial} from '../facts.js';
import {useServed, type Ask, type Reply} from './served.js';

const HASH = 'ab'.repeat(64);

describe('classicHandlers', () => {
  const served = useServed();
  const {ask} = served;
  const locale = '/api/releases/Firefox-57/builds/Linux_x86_64-gcc3/de';
  const item = (from: string, hashValue = HASH): object => ({from, filesize: 7, hashValue});

  /** As balrogclient of 2017 sends it: JSON whose `data` and `alias` are texts. */
  const put = (data: object, more: object = {}, path = locale, what: Ask = {}): Promise<Reply> => ask('PUT', path, {...what, json: {
    product: 'Firefox', hashFunction: 'sha512', schema_version: 4, data: JSON.stringify(data), csrf_token: 'x', ...more,
  }});

  it('makes a release and a locale, and gives them back as they were sent', async () => {
    const completes = [{from: '*', filesize: 9, hashValue: HASH, fileUrl: 'https://example.org/a.mar'}];
    const data = {buildID: '20170915', partials: [item('r0')], completes};
    const made = await put(data, {alias: '["Linux_x86_64-gcc3-asan"]'});
    expect([made.status, made.body]).to.deep.equal([201, {new_data_version: 2}]);
    const got = await ask('GET', locale);
    expect([got.status, got.body, got.headers['x-data-version']]).to.deep.equal([200, data, '3']);
    const release = await ask('GET', '/api/releases/Firefox-57');
    expect(release.headers['x-data-version']).to.equal('3');
    expect(release.headers['x-csrf-token']).to.be.a('string');
    expect(release.body).to.deep.equal({name: 'Firefox-57', schema_version: 4, hashFunction: 'sha512', platforms: {
      'Linux_x86_64-gcc3': {locales: {de: data}}, 'Linux_x86_64-gcc3-asan': {alias: 'Linux_x86_64-gcc3'},
    }});
    const again = await put({...data, buildID: '2'}, {data_version: 3, alias: '["Linux_x86_64-gcc3-asan"]'});
    expect([again.status, again.body]).to.deep.equal([200, {new_data_version: 4}]);
  });

  it('answers what an old client asks before it writes', async () => {
    const token = await ask('HEAD', '/api/csrf_token');
    expect([token.status, token.headers['x-csrf-token']! > '2099']).to.deep.equal([200, true]);
    expect((await ask('HEAD', '/api/releases/Firefox-57')).status).to.equal(404);
    await put({});
    const head = await ask('HEAD', '/api/releases/Firefox-57');
    expect([head.status, head.headers['x-data-version'], head.text]).to.deep.equal([200, '2', '']);
  });

  it('keeps facts as publish makes them, so that old and new writers agree', async () => {
    await put({partials: [item('r0', 'AA'.repeat(64))]});
    expect((await ask('GET', locale)).body.partials[0].hashValue).to.equal('aa'.repeat(64));
    const fact = {...partial('/Linux_x86_64-gcc3/de', 'r0'), url: undefined};
    const published = await ask('POST', '/releases/Firefox-57/facts', {json: [fact]});
    expect([published.status, published.body.changes]).to.deep.equal([200, []]);
    await ask('POST', '/releases/Firefox-57/facts', {json: [partial('/Linux_x86_64-gcc3/de', 'r1')]});
    expect((await ask('GET', locale)).body.partials[1]).to.deep.equal({
      from: 'r1', hashValue: 'a'.repeat(128), filesize: 7, fileUrl: 'https://example.org/r1.mar',
    });
  });

  it('takes forms too', async () => {
    const body = new URLSearchParams({product: 'Firefox', schema_version: '4', data: '{"a":1}', alias: ''}).toString();
    const reply = await ask('PUT', locale, {body, type: 'application/x-www-form-urlencoded'});
    expect([reply.status, reply.body]).to.deep.equal([201, {new_data_version: 2}]);
  });

  it('replays the story of 2017: sixteen submitters with data_version 823, while the tip moves on to 840', async () => {
    await put({partials: [item('base')]});
    const others = Array.from({length: 821}, (_, at) => partial(`/WINNT/locale-${at}`, 'r0'));
    await served.catalogue.publish('Firefox-57', others, {actor: 'elmer'});
    const head = await ask('HEAD', '/api/releases/Firefox-57');
    expect(head.headers['x-data-version']).to.equal('823');
    const {body: known} = await ask('GET', locale);
    for (let version = 823; version < 840; version++) {
      await put({partials: [...known.partials, item(`early-${version}`)]}, {data_version: 823});
    }
    expect((await ask('HEAD', '/api/releases/Firefox-57')).headers['x-data-version']).to.equal('840');
    const replies = await Promise.all(Array.from({length: 16}, (_, at) =>
      put({...known, partials: [...known.partials, item(`late-${at}`)]}, {data_version: 823})));
    expect(replies.map(({status}) => status)).to.deep.equal(Array.from({length: 16}, () => 200));
    const {body, headers} = await ask('GET', locale);
    expect(headers['x-data-version']).to.equal('856');
    const names = body.partials.map(({from}: {from: string}) => from) as string[];
    expect(new Set(names)).to.have.property('size', 1 + 17 + 16);
    expect(names).to.have.length(34);
  });

  it('gives a client whose document was merged its old base, so that what it does not know is not taken for removed', async () => {
    await put({partials: [item('r0')]});
    await put({partials: [item('r0'), item('theirs')]}, {data_version: 2});
    const mine = await put({partials: [item('r0'), item('mine')]}, {data_version: 2});
    expect(mine.body).to.deep.equal({new_data_version: 2});
    const next = await put({partials: [item('r0'), item('mine'), item('more')]}, {data_version: mine.body.new_data_version});
    expect(next.status).to.equal(200);
    expect((await ask('GET', locale)).body.partials.map(({from}: {from: string}) => from)).to.deep.equal(['r0', 'theirs', 'mine', 'more']);
  });

  it('says a real conflict in the old shape', async () => {
    await put({partials: [item('r0')], buildID: '1'});
    await put({partials: [item('r0'), item('r1', 'cd'.repeat(64))], buildID: '1'}, {data_version: 2});
    const before = await served.engine.dump();
    const reply = await put({partials: [item('r0'), item('r1')], buildID: '1'}, {data_version: 2});
    expect([reply.status, reply.headers['content-type']?.split(';')[0]]).to.deep.equal([400, 'application/problem+json']);
    const {type, title, status, detail, exception, data, conflicts} = reply.body;
    expect([type, title, status]).to.deep.equal(['about:blank', 'Bad Request', 400]);
    expect(detail).to.equal('Couldn\'t update release: Failed to update row, old_data_version doesn\'t match current data_version');
    expect(exception).to.contain('old_data_version doesn\'t match current data_version');
    expect(data).to.have.length(1);
    expect(conflicts.map(({path}: {path: string}) => path)).to.deep.equal(['/partials/r1']);
    expect(await served.engine.dump()).to.equal(before);
  });

  it('refuses in the old shape what was refused then', async () => {
    await put({});
    const cases: [number, string, object, object?][] = [
      [400, 'Release exists, data_version must be provided', {}],
      [400, 'Product name \'Fennec\' doesn\'t match the one on the release object (\'Firefox\') for release \'Firefox-57\'', {},
        {product: 'Fennec', data_version: 2}],
      [400, 'hashFunction \'sha1\' doesn\'t match', {}, {hashFunction: 'sha1', data_version: 2}],
      [400, 'old_data_version doesn\'t match', {}, {data_version: 99}],
      [400, 'data_version: expected a whole number', {}, {data_version: 'x'}],
      [400, 'copyTo is not supported', {}, {copyTo: '["r2"]', data_version: 2}],
      [400, 'data: expected an object', [], {data_version: 2}],
      [400, '__proto__', {}, {data: '{"__proto__":1}', data_version: 2}],
      [400, 'the field comes twice', {}, {data: '{"a":1,"a":2}', data_version: 2}],
      [400, 'alias: expected a list', {}, {alias: '{}', data_version: 2}],
      [400, 'expected', {}, {product: 7, data_version: 2}],
    ];
    for (const [status, text, data, more] of cases) {
      const reply = await put(data, more);
      expect([reply.status, reply.body.status, reply.body.type], reply.text).to.deep.equal([status, status, 'about:blank']);
      expect(reply.body.detail).to.contain(text);
    }
    const missing = await put({}, {schema_version: undefined}, '/api/releases/r2/builds/p/l');
    expect([missing.status, missing.body.detail]).to.deep.equal([400, 'schema_version is required']);
    await served.catalogue.setReadOnly('Firefox-57', true, {actor: 'elmer', ifVersion: 'any'});
    const closed = await put({a: 1}, {data_version: 3});
    expect([closed.status, closed.body.title]).to.deep.equal([403, 'Forbidden']);
    expect((await ask('GET', '/api/releases/none')).body).to.deep.include({status: 404, title: 'Not Found', type: 'about:blank'});
    expect(served.faults).to.deep.equal([]);
  });
});
