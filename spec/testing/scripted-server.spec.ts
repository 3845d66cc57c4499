import {expect} from 'chai';
import {once} from 'node:events';
import {connect, type Socket} from 'node:net';
import {connect as connectTls} from 'node:tls';
import type {Answer} from '../../src/testing/answer.js';
import {certificates} from '../support/certificates.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';

interface AskOptions {
  head?: string;
  method?: string;
  until?: string;
}

/** Sends one request and collects everything until the connection ends, errs, or the wanted text was seen. */
async function ask(server: ScriptedServer, path: string, options: AskOptions & {socket?: Socket} = {}): Promise<string> {
  const socket = options.socket ?? connect(server.port, '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1');
  const end = new Promise<string>((resolve) => {
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (options.until !== undefined && text.includes(options.until)) resolve('');
    });
    socket.on('end', () => { resolve('|FIN'); });
    socket.on('error', (error: NodeJS.ErrnoException) => { resolve(`|${error.code ?? ''}`); });
  });
  socket.write(`${options.method ?? 'GET'} ${path} HTTP/1.1\r\nHost: x\r\n${options.head ?? ''}\r\n`);
  const how = await end;
  if (options.until === undefined) socket.destroy();
  return text + how;
}

describe('ScriptedServer', () => {
  let server: ScriptedServer;
  beforeEach(async () => { server = await ScriptedServer.start(); });
  afterEach(async () => { await server.close(); });

  const answering = async (answer: Answer, options: AskOptions = {}): Promise<string> =>
    ask(server.on('/a', answer), '/a', options);

  it('writes length, chunked and close framing', async () => {
    expect(await answering({body: 'hello', keepAlive: false}))
      .to.equal('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello|FIN');
    expect(await answering({body: 'hello', framing: 'chunked', keepAlive: false}))
      .to.equal('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n|FIN');
    expect(await answering({body: 'hello', framing: 'close'})).to.equal('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello|FIN');
  });

  it('writes neither framing nor body when told none', async () => {
    expect(await answering({status: 304, keepAlive: false})).to.equal('HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n|FIN');
  });

  it('answers HEAD with the headers of GET and no body', async () => {
    expect(await answering({body: 'hello', keepAlive: false}, {method: 'HEAD'}))
      .to.equal('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n|FIN');
  });

  it('repeats header names that are given as pairs', async () => {
    expect(await answering({headers: [['ETag', '"1"'], ['ETag', '"2"']], keepAlive: false})).to.contain('ETag: "1"\r\nETag: "2"\r\n');
  });

  it('promises more than it sends, and less', async () => {
    expect(await answering({body: 'hello', announce: 9})).to.match(/Content-Length: 9\r\n[^]*hello\|FIN$/);
    expect(await answering({body: 'hello', announce: 2, keepAlive: false})).to.match(/Content-Length: 2\r\n[^]*hello\|FIN$/);
  });

  it('cuts at a byte, by RST or by FIN', async () => {
    expect(await answering({body: 'hello', cutAt: 3})).to.match(/Content-Length: 5\r\n[^]*\r\n\r\nhel\|ECONNRESET$/);
    expect(await answering({body: 'hello', cutAt: 3, cut: 'end'})).to.match(/\r\n\r\nhel\|FIN$/);
    expect(await answering({body: 'hello', cutAt: 3, cut: 'end', framing: 'chunked'})).to.match(/\r\n\r\n3\r\nhel\r\n\|FIN$/);
  });

  it('stalls at a byte until it is closed', async () => {
    expect(await answering({body: 'hello', stallAt: 4}, {until: 'hell'})).to.match(/\r\n\r\nhell$/);
    expect(server.open).to.equal(1);
  });

  it('drips', async () => {
    expect(await answering({body: 'hello', drip: {bytes: 2, everyMs: 1}, framing: 'chunked', keepAlive: false}))
      .to.match(/\r\n\r\n2\r\nhe\r\n2\r\nll\r\n1\r\no\r\n0\r\n\r\n\|FIN$/);
  });

  it('writes raw bytes, interim answers, 101 and surplus', async () => {
    expect(await answering({raw: 'SMTP\r\n', keepAlive: false})).to.equal('SMTP\r\n|FIN');
    expect(await answering({informational: 2, body: 'x', keepAlive: false}))
      .to.match(/^(?:HTTP\/1.1 103 Early Hints\r\n[^]*?\r\n\r\n){2}HTTP\/1.1 200/);
    expect(await answering({upgrade101: true}, {until: '\r\n\r\n'})).to.match(/^HTTP\/1.1 101 Switching Protocols/);
    expect(await answering({body: 'hello', surplus: Buffer.from('EXTRA'), keepAlive: false}))
      .to.match(/Content-Length: 5\r\n[^]*\r\n\r\nhelloEXTRA\|FIN$/);
  });

  it('keeps the body back until the promise is settled', async () => {
    let release = (): void => undefined;
    const holdBody = new Promise<void>((resolve) => { release = resolve; });
    const socket = connect(server.port, '127.0.0.1');
    server.on('/a', {body: 'hello', holdBody, keepAlive: false});
    expect(await ask(server, '/a', {socket, until: '\r\n\r\n'})).to.match(/\r\n\r\n$/);
    release();
    const [body] = await once(socket, 'data') as [string];
    expect(body).to.equal('hello');
  });

  it('honours ranges only when told to', async () => {
    expect(await answering({body: 'hello', keepAlive: false}, {head: 'Range: bytes=1-3\r\n'})).to.match(/^HTTP\/1.1 200/);
    const ranged: Answer = {body: 'hello', ranges: true, headers: {ETag: '"1"'}, keepAlive: false};
    expect(await answering(ranged, {head: 'Range: bytes=1-3\r\n'}))
      .to.match(/^HTTP\/1.1 206[^]*Content-Range: bytes 1-3\/5\r\n[^]*\r\n\r\nell\|FIN$/);
    expect(await answering(ranged, {head: 'Range: bytes=3-\r\nIf-Range: "1"\r\n'}))
      .to.match(/^HTTP\/1.1 206[^]*bytes 3-4\/5[^]*\r\n\r\nlo\|FIN$/);
    expect(await answering(ranged, {head: 'Range: bytes=-2\r\n'})).to.match(/^HTTP\/1.1 206[^]*bytes 3-4\/5/);
    expect(await answering(ranged, {head: 'Range: bytes=3-\r\nIf-Range: "2"\r\n'})).to.match(/^HTTP\/1.1 200[^]*hello\|FIN$/);
    expect(await answering(ranged, {head: 'Range: bytes=5-\r\n'})).to.match(/^HTTP\/1.1 416[^]*Content-Range: bytes \*\/5/);
  });

  it('records requests and counts connections', async () => {
    server.on('/a', ({nth}) => ({body: `time ${nth}`}));
    const socket = connect(server.port, '127.0.0.1');
    await ask(server, '/a?x=1', {socket, until: 'time 1', head: 'X-Tag: 1\r\nX-Tag: 2\r\n'});
    await ask(server, '/a', {socket, until: 'time 2'});
    await ask(server, '/b', {until: 'no script for /b'});
    expect(server.requests.map(({method, path, connection, nth}) => [method, path, connection, nth]))
      .to.deep.equal([['GET', '/a?x=1', 1, 1], ['GET', '/a', 1, 2], ['GET', '/b', 2, 1]]);
    expect(server.requests[0]?.headers).to.deep.equal({host: 'x', 'x-tag': '1, 2'});
    expect([server.connections, server.open, server.peak]).to.deep.equal([2, 2, 2]);
    socket.destroy();
    await server.when(() => server.open === 1);
    await server.close();
    expect([server.connections, server.open, server.peak]).to.deep.equal([2, 0, 2]);
  });

  it('speaks TLS, names the client certificate, and resets under TLS too', async () => {
    const {ca, server: own, client} = certificates();
    await using secure = await ScriptedServer.start({tls: {...own, ca: ca.cert, requestCert: true}});
    secure.on('/a', {body: 'hello', cutAt: 2});
    const {cert, key} = client;
    const socket = connectTls({port: secure.port, host: '127.0.0.1', ca: ca.cert, cert, key, servername: 'localhost'});
    await once(socket, 'secureConnect');
    expect(await ask(secure, '/a', {socket})).to.match(/he\|ECONNRESET$/);
    expect(secure.requests[0]?.clientSubject).to.equal('elmer');
    expect(secure.origin).to.match(/^https:\/\/127\.0\.0\.1:\d+$/);
  });

  it('counts handshakes that fail', async () => {
    await using secure = await ScriptedServer.start({tls: certificates().server});
    const socket = connectTls({port: secure.port, host: '127.0.0.1', servername: 'localhost'});
    const [error] = await once(socket, 'error') as [NodeJS.ErrnoException];
    expect(error.code).to.equal('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    expect(secure.requests).to.deep.equal([]);
  });
});
