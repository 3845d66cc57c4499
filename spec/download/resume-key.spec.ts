import {expect} from 'chai';
import {addressId} from '../../src/core/address-id.js';
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
      etag: '"a"', lastModified, tag: undefined, hop: hopOf(reply()), total: 10,
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
  it('is told by the protocol where the address has a query, else made of the address', () => {
    expect([hopOf({url: 'http://h.example/f', hop: 'told'}), hopOf({url: 'http://h.example/f'})]).to.deep.equal(['told', addressId('http://h.example/f')]);
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
    expect(version).to.deep.equal({etag: 'W/"a"', lastModified: undefined, hop: hopOf(reply()), facts});
    expect(JSON.parse(JSON.stringify(version))).to.include({etag: 'W/"a"'});
    expect(versionOf(result({}))).to.equal(undefined);
  });
});
