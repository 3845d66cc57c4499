import {expect} from 'chai';
import {composeAnswer} from '../../src/testing/answer.js';
import {patterned} from '../../src/testing/bytes.js';
import {fileAnswer, type FileAnswerOptions} from '../../src/testing/file-answer.js';

const BYTES = patterned(1000);
const TAG = /^"[0-9a-f]{16}"$/;

interface Seen {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What goes over the wire for one request. */
function ask(options: FileAnswerOptions, headers: Record<string, string> = {}, method = 'GET', path = '/f'): Seen {
  const request = {method, path, version: '1.1', headers, rawHeaders: []};
  const {head, body} = composeAnswer(fileAnswer(BYTES, options)(request), request);
  const [first = '', ...lines] = head.trim().split('\r\n');
  const fields = lines.map((line): [string, string] => [line.split(': ', 1)[0]?.toLowerCase() ?? '', line.slice(line.indexOf(': ') + 2)]);
  return {status: Number(first.split(' ')[1]), headers: Object.fromEntries(fields), body};
}

/** `status content-range content-length`. */
function line({status, headers}: Seen): string {
  return `${status} ${headers['content-range'] ?? '-'} ${headers['content-length'] ?? '-'}`;
}

describe('fileAnswer', () => {
  it('serves the whole, and to HEAD its headers alone, whatever range is asked', () => {
    const whole = ask({});
    expect(line(whole)).to.equal('200 - 1000');
    expect(whole.body.equals(BYTES)).to.equal(true);
    expect(whole.headers).to.include({'accept-ranges': 'bytes', 'content-type': 'application/octet-stream'});
    expect(whole.headers.etag).to.match(TAG);
    const head = ask({}, {range: 'bytes=5-'}, 'HEAD');
    expect([line(head), head.body.length]).to.deep.equal(['200 - 1000', 0]);
  });

  it('serves one range, and refuses one that begins behind the end', () => {
    for (const [range, wanted, start, end] of [
      ['bytes=0-0', '206 bytes 0-0/1000 1', 0, 1], ['bytes=990-', '206 bytes 990-999/1000 10', 990, 1000],
      ['bytes=990-5000', '206 bytes 990-999/1000 10', 990, 1000], ['bytes=-4', '206 bytes 996-999/1000 4', 996, 1000],
      ['bytes=-5000', '206 bytes 0-999/1000 1000', 0, 1000],
      ['bytes=1000-', '416 bytes */1000 0', 0, 0], ['bytes=-0', '416 bytes */1000 0', 0, 0],
      ['bytes=5-3', '200 - 1000', 0, 1000], ['bytes=0-1,4-5', '200 - 1000', 0, 1000],
      ['lines=1-', '200 - 1000', 0, 1000], ['bytes=-', '200 - 1000', 0, 1000],
    ] as const) {
      const seen = ask({}, {range});
      expect([range, line(seen)]).to.deep.equal([range, wanted]);
      expect(seen.body.equals(BYTES.subarray(start, end)), range).to.equal(true);
    }
    expect(ask({range: '416'}, {}).status).to.equal(200);
  });

  it('says of its version what it is told to, the same each time, and another for other bytes', () => {
    const told = (options: FileAnswerOptions): unknown[] => {
      const {headers: {etag, 'last-modified': modified, date}} = ask(options);
      return [etag, modified, date === undefined ? date : Date.parse(date) - Date.parse(modified ?? date) >= 60_000];
    };
    expect(ask({validator: 'weak'}).headers.etag).to.match(/^W\/"[0-9a-f]{16}"$/);
    expect(told({validator: 'none'})).to.deep.equal([undefined, undefined, false]);
    const [etag, modified, old] = told({validator: 'date'});
    expect([etag, old]).to.deep.equal([undefined, true]);
    expect(told({validator: 'date'})[1]).to.equal(modified);
    expect(told({validator: 'young-date'})).to.deep.equal([undefined, modified, false]);
    expect(told({validator: {etag: '"x"', lastModified: 'Thu, 01 Jan 2026 00:00:00 GMT', date: false}}))
      .to.deep.equal(['"x"', 'Thu, 01 Jan 2026 00:00:00 GMT', undefined]);
    const request = {method: 'GET', path: '/f', version: '1.1', headers: {}, rawHeaders: []};
    const etags = [patterned(10), patterned(10, 1)].map((bytes) => {
      const {head} = composeAnswer(fileAnswer(bytes)(request), request);
      return /ETag: .*/.exec(head)?.[0];
    });
    expect(etags[0]).to.not.equal(etags[1]);
  });

  it('lets If-Range through for the same strong validator only', () => {
    const ranged = (options: FileAnswerOptions, condition: string): number =>
      ask(options, {'range': 'bytes=5-', 'if-range': condition}).status;
    const of = (options: FileAnswerOptions, name: string): string => ask(options).headers[name] ?? '';
    expect(ranged({}, of({}, 'etag'))).to.equal(206);
    expect(ranged({}, '"other"')).to.equal(200);
    expect(ranged({validator: 'weak'}, of({validator: 'weak'}, 'etag'))).to.equal(200);
    expect(ranged({validator: 'date'}, of({validator: 'date'}, 'last-modified'))).to.equal(206);
    expect(ranged({validator: 'date'}, 'Thu, 01 Jan 2015 00:00:00 GMT')).to.equal(200);
    expect(ranged({validator: 'young-date'}, of({validator: 'young-date'}, 'last-modified'))).to.equal(200);
  });

  it('judges the other conditions', () => {
    const {etag = ''} = ask({}).headers;
    const modified = ask({validator: 'date'}).headers['last-modified'] ?? '';
    expect(ask({}, {'if-none-match': `"a", W/${etag}`}).status).to.equal(304);
    expect(ask({}, {'if-none-match': '"a"'}).status).to.equal(200);
    expect(ask({conditions: 'ignored'}, {'if-none-match': etag}).status).to.equal(200);
    expect(ask({validator: 'date'}, {'if-modified-since': modified}).status).to.equal(304);
    expect(ask({validator: 'date'}, {'if-modified-since': 'Thu, 01 Jan 2015 00:00:00 GMT'}).status).to.equal(200);
    expect(ask({}, {'if-match': etag}).status).to.equal(200);
    expect(ask({}, {'if-match': '"a"'}).status).to.equal(412);
    expect(ask({validator: 'date'}, {'if-unmodified-since': 'Thu, 01 Jan 2015 00:00:00 GMT'}).status).to.equal(412);
    expect(ask({validator: 'date'}, {'if-unmodified-since': modified}).status).to.equal(200);
  });

  it('tells the end of the body as it is told to', () => {
    expect(ask({framing: 'chunked'}).headers).to.include({'transfer-encoding': 'chunked'}).and.not.have.property('content-length');
    expect(ask({framing: 'close'}, {range: 'bytes=5-'}).headers).to.include({connection: 'close'}).and.not.have.property('content-length');
  });

  it('redirects first, as often as it is told to', () => {
    const seen = ['/f?x=1', '/f?x=1&hop=1', '/f?x=1&hop=2'].map((path) => ask({redirects: 2}, {}, 'GET', path));
    expect(seen.map(({status, headers}) => [status, headers.location]))
      .to.deep.equal([[302, '/f?x=1&hop=1'], [302, '/f?x=1&hop=2'], [200, undefined]]);
  });

  it('passes faults on to the body of the file only', () => {
    const answer = fileAnswer(BYTES, {cutAt: 3, delayMs: 7, headers: {'Content-Type': 'text/plain'}, redirects: 1});
    const request = {method: 'GET', path: '/f?hop=1', version: '1.1', headers: {}, rawHeaders: []};
    expect(answer(request)).to.include({cutAt: 3, delayMs: 7, status: 200});
    expect(answer({...request, path: '/f'})).to.include({delayMs: 7, status: 302}).and.not.have.property('cutAt');
    expect(answer({...request, headers: {range: 'bytes=5000-'}})).to.include({delayMs: 7, status: 416}).and.not.have.property('cutAt');
    expect(ask({headers: {'Content-Type': 'text/plain'}}).headers['content-type']).to.equal('text/plain');
  });

  it('refuses options that it does not know, by name', () => {
    expect(() => fileAnswer(BYTES, {rnage: 'ignored'} as object)).to.throw(TypeError, 'fileAnswer: unknown option \'rnage\'');
    expect(() => fileAnswer(BYTES, {range: 'wrong' as 'ignored'})).to.throw(TypeError, 'range: expected one of supported, ignored');
    expect(() => fileAnswer(BYTES, {validator: 'big' as 'weak'})).to.throw(TypeError, 'validator: expected strong, weak');
    expect(() => fileAnswer(BYTES, {redirects: -1})).to.throw(RangeError, 'redirects: ');
  });
});
