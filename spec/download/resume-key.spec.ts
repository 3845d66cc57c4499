import {expect} from 'chai';
import type {Reply} from '../../src/core/contract.js';
import {hopOf, isStrong, resumeKeyOf, totalOf, versionOf} from '../../src/download/resume-key.js';
import type {DownloadResult} from '../../src/download/result.js';

const DATE = 'Sun, 06 Nov 1994 09:00:00 GMT';
const reply = (rest: Partial<Reply> = {}): Reply => ({
  status: 200, headers: {date: DATE}, hops: [], url: 'http://h.example/file?sig=1', validators: {}, length: 10, offset: 0, framing: 'length', ...rest,
});

describe('resumeKeyOf', () => {
  it('holds the strong entity tag, the date that is old enough, the address and the size', () => {
    const lastModified = 'Sun, 06 Nov 1994 08:59:00 GMT';
    expect(resumeKeyOf(reply({validators: {etag: '"a"', lastModified}}))).to.deep.equal({
      etag: '"a"', lastModified, hop: hopOf('http://h.example/file'), total: 10,
    });
  });

  it('leaves out a weak tag, and a date less than 60 s before the answer\'s own, or without one', () => {
    const young = 'Sun, 06 Nov 1994 08:59:01 GMT';
    const old = 'Sun, 06 Nov 1994 08:00:00 GMT';
    for (const one of [reply({validators: {etag: 'W/"a"', lastModified: young}}), reply({headers: {}, validators: {lastModified: old}})]) {
      expect(resumeKeyOf(one)).to.include({etag: undefined, lastModified: undefined});
    }
  });

  it('is none for a body that ends with the connection, an encoded one, and a server that knows no ranges', () => {
    const validators = {etag: '"a"'};
    for (const rest of [{framing: 'close'}, {framing: 'none'}, {encoding: 'gzip'}, {headers: {'accept-ranges': 'none'}}] satisfies Partial<Reply>[]) {
      expect(resumeKeyOf(reply({validators, ...rest})), JSON.stringify(rest)).to.equal(undefined);
    }
  });
});

describe('hopOf', () => {
  it('tells addresses apart by origin and path, whatever the signature in the query', () => {
    expect(hopOf('https://h.example/file?sig=1')).to.equal(hopOf('https://h.example/file?sig=2'));
    const others = ['http://h.example/file', 'https://h.example:8443/file', 'https://g.example/file', 'https://h.example/other'];
    expect(new Set(['https://h.example/file', ...others].map(hopOf)).size).to.equal(5);
  });

  it('shows nothing of the address', () => {
    expect(hopOf('https://h.example/secret-path')).to.match(/^[0-9a-f]{64}$/);
  });
});

describe('isStrong', () => {
  it('takes quoted tags without W/', () => {
    expect(['"a"', '""', 'W/"a"', 'a', '"a', '"a"b"', undefined].map(isStrong)).to.deep.equal([true, true, false, false, false, false, false]);
  });
});

describe('totalOf', () => {
  it('is what the reply says of the whole, else where its body ends', () => {
    expect([reply(), reply({offset: 5}), reply({offset: 5, total: 99}), reply({length: undefined})].map(totalOf)).to.deep.equal([10, 15, 99, undefined]);
  });
});

describe('versionOf', () => {
  it('keeps validators, address and facts, and is none where the source named no version', () => {
    const facts = {size: 3, sha256: 'aa'};
    const result = (validators: Reply['validators']): DownloadResult => ({reply: reply({validators}), facts} as unknown as DownloadResult);
    const version = versionOf(result({etag: 'W/"a"'}));
    expect(version).to.deep.equal({etag: 'W/"a"', lastModified: undefined, hop: hopOf('http://h.example/file'), facts});
    expect(JSON.parse(JSON.stringify(version))).to.include({etag: 'W/"a"'});
    expect(versionOf(result({}))).to.equal(undefined);
  });
});
