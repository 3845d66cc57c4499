import {expect} from 'chai';
import {connect} from 'node:net';
import {once} from 'node:events';
import {rawRequest} from './raw-client.js';
import {useServing, type Serving} from './serving.js';

/** A request with its end; N stands for the number of the case. */
const get = (target: string, lines: readonly string[] = [], method = 'GET'): string =>
  `${[`${method} ${target} HTTP/1.1`, 'Host: h', ...lines].join('\r\n')}\r\n\r\n`;
/** What must never get to the upstream. */
const HIDDEN = get('/hidden-N', ['Connection: close']);
const EMPTY = `0\r\n\r\n${HIDDEN}`;

/** Requests that are refused, with another one behind them. */
const REFUSED: readonly (readonly [name: string, text: string])[] = [
  ['a length before chunks', get('/N', ['Content-Length: 5', 'Transfer-Encoding: chunked']) + EMPTY],
  ['chunks before a length', get('/N', ['Transfer-Encoding: chunked', 'Content-Length: 5']) + EMPTY],
  ['the same length twice', get('/N', ['Content-Length: 0', 'Content-Length: 0']) + HIDDEN],
  ['a list of lengths', get('/N', ['Content-Length: 0, 0']) + HIDDEN],
  ...['+0', '0x0', '-1', '', '1e1', ' 0 0', '99999999999999999999']
    .map((length) => [`length ${length}`, get('/N', [`Content-Length: ${length}`]) + HIDDEN] as const),
  ['a length with a space before its colon', get('/N', ['Content-Length : 0']) + HIDDEN],
  ['a length that covers another request', get('/N', [`Content-Length: ${HIDDEN.length}`]) + HIDDEN],
  ['chunks twice', get('/N', ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked']) + EMPTY],
  ...['chunked, chunked', 'identity', 'xchunked', 'chunked, identity', '\x0bchunked', '"chunked"', 'chunked;q=1', '']
    .map((coding) => [`coding ${coding}`, get('/N', [`Transfer-Encoding: ${coding}`]) + EMPTY] as const),
  ['a coding with a space before its colon', get('/N', ['Transfer-Encoding : chunked']) + EMPTY],
  ['a coding on a line of its own', get('/N', ['Transfer-Encoding:', ' chunked']) + EMPTY],
  ['a folded header', get('/N', ['X: a', ' b']) + HIDDEN],
  ['a folded first header', `GET /N HTTP/1.1\r\n Host: h\r\n\r\n${HIDDEN}`],
  ['bare line feeds', `GET /N HTTP/1.1\nHost: h\n\n${HIDDEN}`],
  ['one bare line feed', `GET /N HTTP/1.1\r\nHost: h\nX: a\r\n\r\n${HIDDEN}`],
  ['a bare line feed at the end of the head', `GET /N HTTP/1.1\r\nHost: h\r\n\n${HIDDEN}`],
  ['a bare carriage return', `GET /N HTTP/1.1\r\nHost: h\rX: a\r\n\r\n${HIDDEN}`],
  ['NUL in a value', get('/N', ['X: a\0b']) + HIDDEN],
  ['NUL in a name', get('/N', ['X\0: a']) + HIDDEN],
  ['NUL in the target', get('/N\0', []) + HIDDEN],
  ['a header without a colon', get('/N', ['X']) + HIDDEN],
  ['a header without a name', get('/N', [': a']) + HIDDEN],
  ['a space in the target', get('/N x') + HIDDEN],
  ['an unknown method', get('/N', [], 'GETS') + HIDDEN],
  ['a method in lower case', get('/N', [], 'get') + HIDDEN],
  ['a preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['another protocol', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
];

/** Requests that are refused after their end is known, so that another one could be read behind them. */
const CLOSING: readonly (readonly [name: string, text: string])[] = [
  ['a chunked body', get('/N', ['Transfer-Encoding: chunked']) + EMPTY],
  ['a chunked body after a tab', get('/N', ['Transfer-Encoding:\tchunked']) + EMPTY],
  ['a body in two codings', get('/N', ['Transfer-Encoding: gzip, chunked']) + EMPTY],
  ['a chunk with an extension', get('/N', ['Transfer-Encoding: chunked']) + `5;a=b\r\nhello\r\n${EMPTY}`],
  ['a body of HTTP/1.0', `GET /N HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n${EMPTY}`],
  ['a length and its body', `${get('/N', ['Content-Length: 3'])}abc${HIDDEN}`],
  ['POST', `${get('/N', ['Content-Length: 3'], 'POST')}abc${HIDDEN}`],
  ['OPTIONS', get('*', [], 'OPTIONS') + HIDDEN],
  ['TRACE', get('/N', [], 'TRACE') + HIDDEN],
  ['another host in the target', get('http://other.example/N') + HIDDEN],
  ['our own host in the target', get('http://h/N') + HIDDEN],
  ['two slashes', get('//other.example/N') + HIDDEN],
  ['dot segments', get('/../N') + HIDDEN],
  ['two hosts', get('/N', ['host: b']) + HIDDEN],
  ['no host, which node refuses by itself', `GET /N HTTP/1.1\r\n\r\n${HIDDEN}`],
];

describe('jupiter serve under abuse', function suite() {
  this.timeout(60_000);
  const stage = useServing();
  let serving: Serving;
  beforeEach(async () => {
    stage.upstream.on('*', {body: 'x'});
    serving = await stage.start();
  });
  const asked = (): string[] => stage.upstream.requests.map(({method, path}) => `${method} ${path}`).sort();

  it('refuses what could be read in two ways, and nothing gets to the upstream', async () => {
    for (const [at, [name, text]] of REFUSED.entries()) {
      const {replies, fault, end} = await rawRequest(serving.port, text.replaceAll('-N', `-${at}`).replaceAll('/N', `/${at}`));
      expect([fault, end === 'open', ...replies.map(({status}) => status)], name).to.deep.equal([undefined, false, 400]);
    }
    expect(await serving.calm()).to.equal(0);
    expect(asked()).to.deep.equal([]);
  });

  // RFC 9112, 9.6: after `Connection: close` nothing that came on the connection is processed.
  it('reads nothing behind a request that it refused', async () => {
    for (const [at, [name, text]] of CLOSING.entries()) {
      const {replies, fault} = await rawRequest(serving.port, text.replaceAll('-N', `-${at}`).replaceAll('/N', `/${at}`));
      expect([fault, replies.length], name).to.deep.equal([undefined, 1]);
      expect(replies[0]?.status, name).to.be.oneOf([400, 405]);
    }
    const open = await serving.calm();
    expect([asked(), open]).to.deep.equal([[], 0]);
  });

  it('forgets pipelined requests whose client left, and ends by SIGTERM', async () => {
    stage.upstream.on('/base/slow', {body: Buffer.alloc(1_000_000), stallAt: 300_000});
    for (let n = 0; n < 10; n++) {
      const socket = connect(serving.port, '127.0.0.1').on('error', () => undefined);
      socket.write(get('/slow') + get(`/next-${n}`) + get('/-/health'));
      await once(socket, 'data');
      socket.destroy();
    }
    expect(await serving.calm()).to.equal(0);
    const {code, ms} = await serving.stop('SIGTERM');
    expect([code, ms < 5000]).to.deep.equal([143, true]);
  });

  it('answers pipelined requests in their order, each with its own body', async () => {
    for (let n = 0; n < 20; n++) stage.upstream.on(`/base/${n}`, {body: `body ${n}`, delayMs: 40 - 2 * n});
    const text = Array.from({length: 20}, (_, n) => get(`/${n}`, n === 19 ? ['Connection: close'] : [])).join('');
    const {replies, fault} = await rawRequest(serving.port, text);
    expect(fault).to.equal(undefined);
    expect(replies.map(({body}) => body.toString())).to.deep.equal(Array.from({length: 20}, (_, n) => `body ${n}`));
    expect(asked()).to.deep.equal(Array.from({length: 20}, (_, n) => `GET /base/${n}`).sort());
  });

  it('leaves the folder of the upstream by no spelling of a way up', async () => {
    const dots = ['.', '%2e', '%2E', '%252e', '%c0%ae', '%e0%80%ae', '%u002e', '%%32%65', '%uff0e', '%ef%bc%8e', '.%00', '.%09', '.%20'];
    const slashes = ['/', '\\', '%2f', '%5c', '%252f', '%255c', '%c0%af', '%ef%bc%8f', '/./', '//'];
    for (const dot of dots) {
      await Promise.all(slashes.flatMap((slash) => (
        [`/${dot}${dot}${slash}up`, `/x${slash}${dot}${dot}${slash}up`, `/x${slash}${dot}.${slash}${dot}${dot}`]
      )).map(async (target) => {
        const {replies, fault} = await rawRequest(serving.port, get(target, ['Connection: close']));
        expect([fault, replies.length], target).to.deep.equal([undefined, 1]);
        expect(replies[0]?.status, target).to.be.oneOf([200, 400, 404]);
      }));
    }
    for (const {path} of stage.upstream.requests) expect(waysUp(path), path).to.equal(false);
  });

  // Servers of Java drop what follows a semicolon before they look for dots; rows of proxies decode as often as there are of them.
  it('takes a way up for one that has parameters, or is encoded many times', async () => {
    const targets = ['/%25252e%25252e/up', '/%252e%252e/up/%25zz',
      '/..;/up', '/x/..;a=b/..;/up', '/..%3b/up', '/%2e%2e;/up', '/.;/x', '/x/..;'];
    for (const target of targets) {
      const {replies} = await rawRequest(serving.port, get(target, ['Connection: close']));
      expect(replies[0]?.status, target).to.be.oneOf([400, 404]);
    }
    expect(asked()).to.deep.equal([]);
  });

  it('tells the upstream nothing of its clients', async () => {
    const lines = [
      'Authorization: Basic eA==', 'Cookie: a=1', 'Proxy-Authorization: x', 'X-Forwarded-For: 10.0.0.1', 'Forwarded: for=10.0.0.1',
      'Via: 1.0 x', 'X-Api-Key: k', 'Referer: http://in.example/', 'User-Agent: other', 'If-None-Match: "x"',
      'Connection: close, x-api-key', 'TE: trailers',
    ];
    await rawRequest(serving.port, get('/file', lines));
    const names = Object.keys(stage.upstream.requests[0]?.headers ?? {}).sort();
    expect(names).to.deep.equal(['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
    expect(stage.upstream.requests[0]?.headers).to.include({'host': `127.0.0.1:${stage.upstream.port}`, 'accept-encoding': 'identity'});
    expect(stage.upstream.requests[0]?.headers['user-agent']).to.match(/^jupiter/);
  });
});

/** Whether some server could take a path for one outside `/base/`, however often it decodes it. */
function waysUp(path: string): boolean {
  let text = path;
  for (let depth = 0; depth < 5; depth++) {
    if (!text.startsWith('/base/') || text.includes('\\') || text.includes('\0')) return true;
    if (text.split('/').some((part) => /^\.{1,2}(?:;.*)?$/.test(part))) return true;
    text = text.replace(/%u([0-9a-f]{4})|%([0-9a-f]{2})/gi, (_, wide: string | undefined, hex: string) => (
      String.fromCharCode(Number.parseInt(wide ?? hex, 16))
    ));
  }
  return false;
}
