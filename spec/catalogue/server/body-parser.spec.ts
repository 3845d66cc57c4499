import {expect} from 'chai';
import {partial} from '../facts.js';
import {patching, useServed} from './served.js';

const JSON_TYPE = 'application/json';
const nested = (depth: number): string => `${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`;

describe('parseBody', () => {
  const served = useServed();
  const {ask} = served;
  const part = '/releases/r1/parts/linux';

  beforeEach(async () => {
    await ask('POST', '/releases', {json: {name: 'r1', product: 'firefox'}});
  });

  const attacks: Record<string, [string | Uint8Array, string?]> = {
    'a field named __proto__': ['{"a":{"__proto__":{"admin":true}}}', '/a'],
    'a field named __proto__, written with escapes': ['{"\\u005f_proto__":{}}', ''],
    'a field that comes twice': ['{"a":1,"a":2}', '/a'],
    'a field that comes twice, once with escapes': ['{"a":1,"\\u0061":2}', '/a'],
    'an unsafe integer': ['{"a":9007199254740993}', '/a'],
    'an unsafe integer with an exponent': ['{"a":[1e300]}', '/a/0'],
    'a number that overflows': ['{"a":1e999}', '/a'],
    'a lone surrogate': ['{"a":"\\ud800"}', '/a'],
    'a lone surrogate in a name': ['{"\\udc00":1}', ''],
    'bytes that are not UTF-8': [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), ''],
    'a byte order mark': ['\ufeff{}', ''],
    'too much depth': [nested(65)],
    'far too much depth': ['['.repeat(200_000)],
    'NaN': ['{"a":NaN}', '/a'],
    'a comment': ['{}/**/', ''],
    'two values': ['{} {}', ''],
    'a list': ['[]', ''],
    'a text': ['"a"', ''],
    'null': ['null', ''],
    'a list with two items of one key': [JSON.stringify({partials: [{from: 'r0'}, {from: 'r0'}]}), '/partials/1'],
  };
  for (const [name, [body, pointer]] of Object.entries(attacks)) {
    it(`refuses ${name}, and nothing is kept`, async () => {
      const reply = await ask('PUT', part, {body, type: JSON_TYPE});
      expect([reply.status, reply.body.code], reply.text).to.deep.equal([422, 'INVALID_DOCUMENT']);
      if (pointer !== undefined) expect(reply.body.pointer).to.equal(pointer);
      expect(await served.catalogue.changes({after: 1})).to.deep.equal([]);
      expect(({} as {admin?: boolean}).admin).to.equal(undefined);
      expect(served.faults).to.deep.equal([]);
    });
  }

  it('keeps names that only look dangerous, and a document as deep as may be', async () => {
    const body = '{"constructor":{"prototype":1},"toString":2,"hasOwnProperty":null}';
    expect((await ask('PUT', part, {body, type: JSON_TYPE})).status).to.equal(200);
    expect((await ask('GET', part)).body).to.deep.equal(JSON.parse(body));
    expect((await ask('PUT', '/releases/r1/parts/deep', {body: nested(64), type: JSON_TYPE})).status).to.equal(200);
    const all = `{"/deep":${nested(64)}}`;
    expect((await ask('PUT', '/releases/r1/parts', {body: all, type: JSON_TYPE, headers: {'if-match': '"3"'}})).status).to.equal(200);
  });

  it('refuses facts with wrong types, saying which', async () => {
    const good = partial('/linux', 'r0');
    const bad: [Record<string, unknown>, string][] = [
      [{size: '7'}, '/1/size'], [{size: 1.5}, '/1/size'], [{size: -1}, '/1/size'],
      [{digest: 'xyz'}, '/1/digest'], [{digest: 7}, '/1/digest'],
      [{path: 'linux'}, '/1/path'], [{path: ['/a']}, '/1/path'], [{kind: 'Partial'}, '/1/kind'],
      [{from: {}}, '/1/from'], [{key: 'k'}, '/1'],
      [{url: 'https://elmer:pw@example.org/'}, '/1/url'], [{url: '/relative'}, '/1/url'],
      [{more: []}, '/1/more'], [{more: {size: 1}}, '/1/more'],
      [{strange: 1}, '/1'], [{path: `/${'x'.repeat(1025)}`}, '/1/path'], [{path: '/a\u0000'}, '/1/path'],
    ];
    for (const [change, pointer] of bad) {
      const reply = await ask('POST', '/releases/r1/facts', {json: [good, {...good, ...change}]});
      expect([reply.status, reply.body.code, reply.body.index, reply.body.pointer], JSON.stringify(change).slice(0, 80))
        .to.deep.equal([422, 'INVALID_FACT', 1, pointer]);
    }
    for (const fact of [null, 7, 'fact', []]) {
      expect((await ask('POST', '/releases/r1/facts', {json: [fact]})).body.code).to.equal('INVALID_FACT');
    }
    expect(await served.catalogue.changes({after: 1})).to.deep.equal([]);
  });

  it('names the bad line of NDJSON by its place in the list', async () => {
    const body = `${JSON.stringify(partial('/linux', 'r0'))}\n\n{"path": "/linux", "path": 1}\n`;
    const reply = await ask('POST', '/releases/r1/facts', {body, type: 'application/x-ndjson'});
    expect([reply.status, reply.body.pointer]).to.deep.equal([422, '/1/path']);
  });

  it('refuses 100,000 facts, without a fault and without delay', async () => {
    const line = `${JSON.stringify({path: '/linux', kind: 'partial', from: 'r', digest: 'a', size: 1})}\n`;
    const reply = await ask('POST', '/releases/r1/facts', {body: line.repeat(100_000), type: 'application/x-ndjson'});
    expect([reply.status, reply.body.code]).to.deep.equal([422, 'INVALID_DOCUMENT']);
    expect(reply.body.detail).to.contain('100000 facts, more than 10000');
  });

  it('refuses patches that are none, or touch what may not be', async () => {
    await ask('PUT', part, {json: {n: 1}});
    for (const [operations, code] of [
      [[{op: 'eval', path: '/n'}], 'PATCH_FAILED'], [[{op: 'add', path: 'n', value: 1}], 'PATCH_FAILED'],
      [[{op: 'add', path: '/x'}], 'PATCH_FAILED'],
      [[7], 'PATCH_FAILED'], [[{op: 'replace', path: '', value: 7}], 'INVALID_DOCUMENT'], [[{op: 'remove', path: ''}], undefined],
      [[{op: 'add', path: '/__proto__', value: {}}], undefined],
      [[{op: 'add', path: '/constructor/prototype/x', value: 1}], 'PATCH_FAILED'],
    ] as const) {
      const reply = await ask('PATCH', part, patching(operations, {'merge-base': '1'}));
      expect(reply.status, `${JSON.stringify(operations)} ${reply.text}`).to.equal(422);
      if (code !== undefined) expect(reply.body.code).to.equal(code);
    }
    expect(served.faults).to.deep.equal([]);
  });
});
