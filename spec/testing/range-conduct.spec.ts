import {expect} from 'chai';
import {once} from 'node:events';
import {connect} from 'node:net';
import {gunzipSync} from 'node:zlib';
import {composeAnswer, headerPairs} from '../../src/testing/answer.js';
import {patterned} from '../../src/testing/bytes.js';
import {fileAnswer} from '../../src/testing/file-answer.js';
import {inTurn} from '../../src/testing/in-turn.js';
import {RANGE_CONDUCTS, type RangeConduct} from '../../src/testing/range-conduct.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';

const BYTES = patterned(100);
const REST = BYTES.subarray(40);

interface Asked {
  readonly line: string;
  readonly body: Buffer;
  readonly fields: Record<string, string>;
}

/** The answer to `Range: bytes=40-`, or to other headers. */
function asked(range: RangeConduct, headers: Record<string, string> = {range: 'bytes=40-'}): Asked {
  const request = {method: 'GET', path: '/', version: '1.1', headers, rawHeaders: []};
  const answer = fileAnswer(BYTES, {range})(request);
  const fields = Object.fromEntries(headerPairs(answer.headers));
  return {line: `${answer.status ?? ''} ${fields['Content-Range'] ?? '-'}`, body: composeAnswer(answer, request).body, fields};
}

describe('RANGE_CONDUCTS', () => {
  const wanted: Record<RangeConduct, [line: string, body: Buffer]> = {
    'supported': ['206 bytes 40-99/100', REST],
    'ignored': ['200 -', BYTES],
    'unasked': ['206 bytes 40-99/100', REST],
    'if-range-ignored': ['206 bytes 40-99/100', REST],
    'if-range-refused': ['206 bytes 40-99/100', REST],
    'wrong-start': ['206 bytes 39-99/100', BYTES.subarray(39)],
    'other-total': ['206 bytes 40-99/101', REST],
    'unknown-total': ['206 bytes 40-99/*', REST],
    'no-content-range': ['206 -', REST],
    'multipart': ['206 -', Buffer.concat([
      Buffer.from('--part-of-a-file\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes 40-99/100\r\n\r\n'), REST,
      Buffer.from('\r\n--part-of-a-file--\r\n'),
    ])],
    'encoded': ['206 bytes 40-99/100', REST],
    'smaller': ['206 bytes 40-69/100', BYTES.subarray(40, 70)],
    'short': ['206 bytes 40-99/100', REST.subarray(0, -1)],
    'surplus': ['206 bytes 40-99/100', Buffer.concat([REST, Buffer.from('surplus')])],
    'other-bytes': ['206 bytes 40-99/100', Buffer.from(REST.map((byte) => byte ^ 0xff))],
    'other-validator': ['206 bytes 40-99/100', REST],
    '416': ['416 -', Buffer.alloc(0)],
    '416-total': ['416 bytes */100', Buffer.alloc(0)],
    '416-other-total': ['416 bytes */101', Buffer.alloc(0)],
    '416-garbled': ['416 bytes 40-99', Buffer.alloc(0)],
  };

  for (const range of RANGE_CONDUCTS) {
    it(`answers a request for a part: ${range}`, () => {
      const seen = asked(range);
      const body = range === 'encoded' ? gunzipSync(seen.body) : seen.body;
      expect([seen.line, body.equals(wanted[range][1])]).to.deep.equal([wanted[range][0], true]);
    });
  }

  it('answers a request for the whole honestly, except when a part is sent unasked', () => {
    for (const range of RANGE_CONDUCTS) {
      const {line, body} = asked(range, {});
      expect([range, line, body.equals(BYTES)]).to.deep.equal([range, range === 'unasked' ? '206 bytes 0-99/100' : '200 -', true]);
    }
  });

  it('treats If-Range wrongly where it says so', () => {
    const etag = asked('supported').fields.ETag ?? '';
    const lines = (condition: string): string[] => (['supported', 'if-range-ignored', 'if-range-refused'] as const)
      .map((range) => asked(range, {'range': 'bytes=40-', 'if-range': condition}).line.slice(0, 3));
    expect(lines(etag)).to.deep.equal(['206', '206', '200']);
    expect(lines('"other"')).to.deep.equal(['200', '206', '200']);
  });

  it('names another version, or denies parts, in the headers', () => {
    expect(asked('other-validator').fields.ETag).to.equal('"another-version"');
    expect(asked('other-validator', {}).fields.ETag).to.equal(asked('supported').fields.ETag);
    expect(asked('ignored').fields['Accept-Ranges']).to.equal('none');
    expect(asked('encoded').fields['Content-Encoding']).to.equal('gzip');
    expect(asked('multipart').fields['Content-Type']).to.match(/^multipart\/byteranges; boundary=/);
  });
});

describe('inTurn', () => {
  it('goes on with each answer, but not for a redirect, and counts the bodies', async () => {
    await using server = await ScriptedServer.start();
    server.on('/f', inTurn(fileAnswer('hello', {redirects: 1, cutAt: 2, cut: 'end'}), {body: 'second', keepAlive: false}));
    const get = async (path: string): Promise<string> => {
      const socket = connect(server.port, '127.0.0.1');
      let text = '';
      socket.setEncoding('latin1').on('data', (chunk) => { text += String(chunk); });
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      await once(socket, 'close');
      return text.replace(/^HTTP\/1\.1 (\d+)[^]*\r\n\r\n/, '$1 ');
    };
    const seen: string[] = [];
    for (const path of ['/f', '/f?hop=1', '/f', '/f']) seen.push(await get(path));
    expect(seen).to.deep.equal(['302 ', '200 he', '200 second', '200 second']);
    expect(server.bodyBytes).to.equal(2 + 6 + 6);
    expect(server.requests.map(({rawHeaders}) => rawHeaders.map(([name]) => name))[0]).to.deep.equal(['Host', 'Connection']);
  });
});
