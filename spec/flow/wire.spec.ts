import {createHash} from 'node:crypto';
import {expect} from 'chai';
import {SystemClock} from '../../src/core/clock.js';
import type {RetryPolicy} from '../../src/core/contract.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {SizeValidation} from '../../src/validation/size-validation.js';
import {fetched, verdict} from '../download/fetching.js';
import type {Answer} from '../../src/testing/answer.js';
import {useWire} from '../support/wire.js';

const CHUNKED = 'Transfer-Encoding: chunked';
const REFUSED = 'PROTOCOL_ERROR source-bad';

/** An answer in chunks, with this header line. */
function chunked(line: string, body = '5\nhello\n0\n\n'): Answer {
  return raw(`HTTP/1.1 200 OK\n${line}\n\n${body}`);
}

/** An answer written as it is; `\n` stands for CRLF. */
function raw(text: string, cut?: 'end'): Answer {
  return {raw: text.replaceAll('\n', '\r\n'), cut};
}

function lines(count: number): [string, string][] {
  // Content-Length and Connection come on top.
  return Array.from({length: count - 2}, (_, index) => [`X-${index}`, '1']);
}

/** What must never become a file: the answer, and a word of the message that says why. */
const REFUSALS: Readonly<Record<string, readonly [Answer, string]>> = {
  'Transfer-Encoding gzip, chunked': [chunked('Transfer-Encoding: gzip, chunked'), 'gzip, chunked'],
  'Transfer-Encoding gzip': [raw('HTTP/1.1 200 OK\nTransfer-Encoding: gzip\n\nhello', 'end'), '\'gzip\''],
  'Transfer-Encoding identity': [raw('HTTP/1.1 200 OK\nTransfer-Encoding: identity\n\nhello', 'end'), '\'identity\''],
  'Transfer-Encoding chunked, chunked': [chunked('Transfer-Encoding: chunked, chunked'), 'chunked, chunked'],
  'two Transfer-Encoding lines': [chunked('Transfer-Encoding: chunked\nTransfer-Encoding: chunked'), 'exactly one'],
  'Transfer-Encoding before Content-Length': [chunked('Transfer-Encoding: chunked\nContent-Length: 5'), 'Content-Length'],
  'Content-Length before Transfer-Encoding': [chunked('Content-Length: 5\nTransfer-Encoding: chunked'), 'Content-Length'],
  'Transfer-Encoding on HTTP/1.0': [raw('HTTP/1.0 200 OK\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n', 'end'), 'HTTP/1.0'],
  'an unasked-for 101': [{upgrade101: true}, '101'],
  'a 101 without Upgrade': [raw('HTTP/1.1 101 X\n\n'), '101'],
  '17 interim answers': [{informational: 17, body: 'x'}, 'interim'],
  'interim answers without end': [raw('HTTP/1.1 103 Early Hints\n\n'.repeat(100)), 'interim'],
  '257 header lines': [{headers: lines(257), body: 'x'}, '257 header lines'],
  'more than 16 KiB of headers': [{headers: {'X-Big': 'x'.repeat(17_000)}, body: 'x'}, 'HPE_HEADER_OVERFLOW'],
  'two entity tags': [{headers: [['ETag', '"1"'], ['etag', '"2"']], body: 'x'}, 'etag'],
  'two Locations': [{status: 302, headers: [['Location', '/1'], ['Location', '/2']]}, 'location'],
  'two encodings': [{headers: [['Content-Encoding', 'gzip'], ['Content-Encoding', 'br']], body: 'x'}, 'content-encoding'],
  'two ranges': [{headers: [['Content-Range', 'bytes 0-1/5'], ['Content-Range', 'bytes 2-3/5']], body: 'x'}, 'content-range'],
  'an unasked-for 206': [{status: 206, body: 'x'}, '206'],
  'an unasked-for 304': [{status: 304}, '304'],
  'an unasked-for 416': [{status: 416}, '416'],
  'multipart/byteranges': [{headers: {'Content-Type': 'Multipart/Byteranges; boundary=x'}, body: 'x'}, 'multipart'],
  'two Content-Lengths': [raw('HTTP/1.1 200 OK\nContent-Length: 5\nContent-Length: 6\n\nhello!'), 'Content-Length'],
  'a list of Content-Lengths': [raw('HTTP/1.1 200 OK\nContent-Length: 5, 5\n\nhello'), 'Content-Length'],
  'Content-Length +5': [raw('HTTP/1.1 200 OK\nContent-Length: +5\n\nhello'), 'Content-Length'],
  'an inexact Content-Length': [raw('HTTP/1.1 200 OK\nContent-Length: 9007199254740993\n\nhello'), '9007199254740993'],
  'an empty Content-Length': [raw('HTTP/1.1 200 OK\nContent-Length: \n\nhello', 'end'), 'Content-Length'],
  'a folded header': [raw('HTTP/1.1 200 OK\nContent-Length: 5\nX: a\n b\n\nhello'), 'HPE_'],
  'bare line feeds': [{raw: 'HTTP/1.1 200 OK\nContent-Length: 5\n\nhello'}, 'HPE_'],
  'a greeting that is no HTTP': [raw('220 mail.example ready\n'), 'HPE_'],
  'a chunk size that is no number': [chunked(CHUNKED, 'xyz\nhello\n0\n\n'), 'chunk size'],
  'a last chunk size that is no number': [chunked(CHUNKED, '5\nhello\nZ\n\n'), 'chunk size'],
  'a negative chunk size': [chunked(CHUNKED, '-1\nhello\n0\n\n'), 'chunk size'],
  'a chunk size beyond all bounds': [chunked(CHUNKED, 'fffffffffffffffff\nhello\n0\n\n'), 'Chunk size overflow'],
  'a chunk longer than its size': [chunked(CHUNKED, '4\nhello\n0\n\n'), 'HPE_'],
  'bytes after the body': [{body: 'hello', surplus: Buffer.from('EXTRA')}, 'HPE_'],
  'a body with 204': [{status: 204, body: 'hello'}, 'HPE_'],
};

/** What looks odd and is allowed. */
const ACCEPTED: Readonly<Record<string, readonly [Answer, string]>> = {
  '16 interim answers': [{informational: 16, body: 'hello'}, 'hello'],
  '256 header lines': [{headers: lines(256), body: 'hello'}, 'hello'],
  'the same entity tag twice': [{headers: [['ETag', '"1"'], ['ETag', '"1"']], body: 'hello'}, 'hello'],
  'trailers': [chunked(CHUNKED, '5\nhello\n0\nX: y\n\n'), 'hello'],
  'Chunked in capitals': [chunked('Transfer-Encoding: Chunked'), 'hello'],
  'an empty body': [{body: ''}, ''],
  'an empty chunked body': [{body: '', framing: 'chunked'}, ''],
  '204': [{status: 204}, ''],
  '203': [{status: 203, body: 'hello'}, 'hello'],
};

describe('On the wire', () => {
  const wire = useWire({clock: () => new SystemClock()});

  const url = (): string => wire.server.url('/a');

  for (const [what, [answer, why]] of Object.entries(REFUSALS)) {
    it(`refuses ${what}, commits nothing and gives up the connection`, async () => {
      wire.server.on('/a', answer).on('/b', {body: 'good'});
      const one = await fetched({url: url(), context: wire.context});
      expect(verdict(one)).to.equal(REFUSED);
      expect(one.error?.message).to.contain(why);
      expect((await fetched({url: wire.server.url('/b'), context: wire.context})).text).to.equal('good');
      expect(wire.server.requestsFor('/b')[0]?.connection).to.equal(2);
    });
  }

  for (const [what, [answer, text]] of Object.entries(ACCEPTED)) {
    it(`accepts ${what} and keeps the connection`, async () => {
      wire.server.on('/a', answer).on('/b', {body: 'good'});
      expect(await fetched({url: url(), context: wire.context})).to.deep.include({error: undefined, text});
      await fetched({url: wire.server.url('/b'), context: wire.context});
      expect(wire.server.connections).to.equal(1);
    });
  }

  describe('a cut body', () => {
    for (const framing of ['length', 'chunked'] as const) {
      for (const cut of ['reset', 'end'] as const) {
        it(`is never whole: ${framing}, ${cut}`, async () => {
          wire.server.on('/a', {body: 'hello', framing, cutAt: framing === 'length' ? 3 : 5, cut});
          const one = await fetched({url: url(), context: wire.context});
          expect(verdict(one)).to.equal('INTERRUPTED transient');
          expect(one.error).to.include(framing === 'length' ? {expected: 5, actual: 3} : {expected: undefined, actual: 5});
        });
      }
    }

    it('is fetched again and then right', async () => {
      wire.server.on('/a', ({nth}) => ({body: 'hello', ...nth < 3 ? {cutAt: 2, cut: nth === 1 ? 'reset' : 'end'} : {}}));
      const retry: RetryPolicy = {retries: 4, decide: (fault) => fault.class === 'transient' ? {delay: 0} : undefined};
      const one = await fetched({url: url(), context: wire.context, retry});
      expect(one.text).to.equal('hello');
      expect(one.result?.attempts.map(({error, bytes}) => [error?.code, bytes]))
        .to.deep.equal([['INTERRUPTED', 2], ['INTERRUPTED', 2], [undefined, 5]]);
    });

    it('before the end of the headers is no reply', async () => {
      for (const cut of ['end', 'reset'] as const) {
        wire.server.on('/a', {raw: 'HTTP/1.1 200 OK\r\nConte', cut});
        expect(verdict(await fetched({url: url(), context: wire.context}))).to.equal('CONNECT_FAILED transient');
      }
    });
  });

  describe('a body that ends with the connection', () => {
    const sha256 = createHash('sha256').update('hello').digest('hex');

    it('is refused without proof, and the message names the option', async () => {
      wire.server.on('/a', {body: 'hello', framing: 'close'});
      const one = await fetched({url: url(), context: wire.context});
      expect(verdict(one)).to.equal('INTERRUPTED source-bad');
      expect(one.error?.message).to.contain('allowCloseFramed');
    });

    it('is accepted with a digest, a size, or by permission, and says so', async () => {
      wire.server.on('/a', {body: 'hello', framing: 'close'});
      const digest = new DigestValidation('sha256', sha256);
      for (const proof of [{validations: [digest]}, {validations: [new SizeValidation(5)]}, {allowCloseFramed: true}]) {
        const one = await fetched({url: url(), context: wire.context, ...proof});
        expect([one.text, one.result?.reply?.framing, one.result?.reply?.length]).to.deep.equal(['hello', 'close', undefined]);
      }
    });

    it('is refused when it was cut, by proof or by the reset', async () => {
      wire.server.on('/a', {body: 'hello', framing: 'close', cutAt: 3, cut: 'end'});
      const digest = new DigestValidation('sha256', sha256);
      expect(verdict(await fetched({url: url(), context: wire.context, validations: [digest]}))).to.equal('DIGEST_MISMATCH source-bad');
      const one = await fetched({url: url(), context: wire.context, validations: [new SizeValidation(5)]});
      expect(verdict(one)).to.equal('SIZE_MISMATCH source-bad');
      wire.server.on('/a', {body: 'hello', framing: 'close', cutAt: 3, cut: 'reset'});
      expect(verdict(await fetched({url: url(), context: wire.context, allowCloseFramed: true}))).to.equal('INTERRUPTED transient');
    });
  });

  describe('a second answer after the body', () => {
    const evil = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL');

    it('answers no later request', async () => {
      for (const framing of ['length', 'chunked'] as const) {
        wire.server.on('/a', {body: 'hello', framing, surplus: evil}).on('/b', {body: 'good'});
        const one = await fetched({url: url(), context: wire.context});
        if (one.error === undefined) expect(one.text).to.equal('hello');
        expect((await fetched({url: wire.server.url('/b'), context: wire.context})).text).to.equal('good');
        expect(wire.server.requestsFor('/b').at(-1)?.connection).to.not.equal(wire.server.requestsFor('/a').at(-1)?.connection);
      }
    });
  });
});
