import {expect} from 'chai';
import {patterned} from '../../src/testing/bytes.js';
import {fileAnswer} from '../../src/testing/file-answer.js';
import {SeededRandom} from '../support/seeded-random.js';
import {curl} from './curl.js';
import {rawRequest} from './raw-client.js';
import {useServing} from './serving.js';

const REQUESTS = 2000;
const SEED = 20_251;
const AT_ONCE = 50;

/** Good requests, to be spoilt. */
const GOOD: readonly string[] = [
  'GET /file HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
  'HEAD /file HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
  'GET /file?a=b&c=%20 HTTP/1.1\r\nHost: h:80\r\nRange: bytes=10-99\r\nIf-Range: "x"\r\nConnection: close\r\n\r\n',
  'GET /a/b%20c/d.tar HTTP/1.1\r\nHost: 127.0.0.1\r\nIf-None-Match: "1", W/"2"\r\nAccept: */*\r\nConnection: close\r\n\r\n',
  'GET /file HTTP/1.0\r\n\r\n',
  'GET /-/metrics HTTP/1.1\r\nHost: h\r\nCache-Control: no-cache, max-age=0\r\nConnection: close\r\n\r\n',
  'GET /file HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc',
  'POST /file HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
  'GET /file HTTP/1.1\r\nHost: h\r\n\r\nGET /other HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
];

/** Pieces that parsers stumble over. */
const PIECES: readonly string[] = [
  '\r\n', '\n', '\r', '\0', ' ', '\t', '\x0b', '\x7f', '\xff', ':', '/', '//', '/../', '%2e%2e%2f', '%00', '%', '..;/', '\\', '?', '#', '@',
  ',', ';', '"', 'http://other.example', 'Host: other.example\r\n', 'Content-Length: 5\r\n', 'Content-Length: -1\r\n',
  'Transfer-Encoding: chunked\r\n', 'Transfer-Encoding: x\r\n', 'Range: bytes=-\r\n', 'Range: bytes=0-,5-\r\n',
  'Range: bytes=99999999999999999999-\r\n', 'If-Modified-Since: never\r\n', 'Expect: 100-continue\r\n',
  'Upgrade: h2c\r\n', 'Connection: keep-alive, host\r\n',
  'GET /behind HTTP/1.1\r\nHost: h\r\n\r\n', '0\r\n\r\n', 'HTTP/1.1', 'HTTP/9.9', 'a'.repeat(9000), 'X: y\r\n'.repeat(500),
];

const INSIDE = /^(?:GET|HEAD) \/base\/[\x21-\x7e]*$/;
/** In front of a query. */
const DOTS = /^[^?]*\/\.{1,2}(?:[/?]|$)/;

function spoil(random: SeededRandom): Buffer {
  let text = random.pick(GOOD);
  for (let times = random.between(1, 4); times > 0; times--) {
    const at = random.below(text.length + 1);
    const end = Math.min(text.length, at + random.pick([0, 1, 1, 2, 10]));
    const piece = random.pick([
      () => '', () => random.pick(PIECES), () => String.fromCharCode(random.below(256)), () => text.slice(at, end).repeat(2),
      () => text.slice(random.below(text.length)), () => text.slice(at, end).toLowerCase(),
    ])();
    text = (text.slice(0, at) + piece + text.slice(end)).slice(0, 100_000);
  }
  return Buffer.from(text, 'latin1');
}

describe(`${REQUESTS} spoilt requests to jupiter serve`, function suite() {
  this.timeout(300_000);
  const stage = useServing();

  it('get whole replies or none, and the upstream sees nothing outside its folder', async () => {
    const content = patterned(100_000);
    stage.upstream.on('*', fileAnswer(content));
    const serving = await stage.start();
    const random = new SeededRandom(SEED);
    const statuses = new Map<number, number>();
    const faults: string[] = [];
    for (let sent = 0; sent < REQUESTS; sent += AT_ONCE) {
      await Promise.all(Array.from({length: AT_ONCE}, async () => {
        const bytes = spoil(random);
        const {replies, fault} = await rawRequest(serving.port, bytes, 1500);
        if (fault !== undefined) faults.push(`${JSON.stringify(bytes.toString('latin1').slice(0, 400))}: ${fault}`);
        for (const {status} of replies) statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }));
      expect(serving.running, `after ${sent} requests`).to.equal(true);
    }
    expect(faults).to.deep.equal([]);
    // Else it was nothing but noise, or nothing but good requests.
    expect([...statuses.keys()]).to.include.members([200, 206, 400, 404, 405]);
    expect([...statuses.keys()].filter((status) => status >= 500), 'statuses that are nobody\'s fault but ours').to.deep.equal([]);
    const asked = stage.upstream.requests.map(({method, path}) => `${method} ${path}`);
    expect(asked.filter((each) => !INSIDE.test(each) || DOTS.test(each))).to.deep.equal([]);
    const got = await curl(stage.folder.path, `${serving.url}/file`, ['-f']);
    expect([got.code, got.body.equals(content)]).to.deep.equal([0, true]);
    expect(await serving.calm()).to.equal(0);
    const {code, stderr} = await serving.stop('SIGTERM');
    expect([code, stderr]).to.deep.equal([143, '']);
  });
});
