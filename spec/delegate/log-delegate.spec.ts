import {expect} from 'chai';
import {LogDelegate, type Logger} from '../../src/delegate/log-delegate.js';
import {HttpDownload} from '../../src/download/http-download.js';
import {useWire} from '../support/wire.js';

describe('LogDelegate', () => {
  const wire = useWire();
  let lines: string[];
  let logger: Logger;
  beforeEach(() => {
    lines = [];
    const write = (level: string) => (message: string): void => {
      lines.push(`${level} ${message.replaceAll(wire.server.origin, 'http://host')}`);
    };
    logger = {debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error')};
  });

  function make(path: string): HttpDownload {
    const download = new HttpDownload({url: wire.server.url(path), context: wire.context, headers: {authorization: 'Bearer sekret-9'}});
    new LogDelegate(logger).attach(download);
    return download;
  }

  it('writes the life of a download that went well', async () => {
    wire.server.on('/file', ({nth}) => nth === 1 ? {status: 502} : {body: 'a file'});
    await make('/file').run();
    expect(lines).to.deep.equal([
      'debug prepared http://host/file',
      'debug sent http://host/file (attempt 1)',
      'debug replied 502 http://host/file (attempt 1, 0 bytes)',
      'warn failed REPLY_FAILED (attempt 1): the server answered 502: http://host/file',
      'debug sent http://host/file (attempt 2)',
      'debug replied 200 http://host/file (attempt 2, 6 bytes)',
      'info fetched http://host/file (6 bytes, 2 attempts)',
    ]);
  });

  it('writes why a download failed, and that a length is unknown', async () => {
    wire.server.on('/gone', {status: 410, body: 'x', framing: 'chunked'});
    await make('/gone').run().catch(() => undefined);
    expect(lines).to.deep.equal([
      'debug prepared http://host/gone',
      'debug sent http://host/gone (attempt 1)',
      'debug replied 410 http://host/gone (attempt 1, unknown bytes)',
      'warn failed NOT_FOUND (attempt 1): the server answered 410: http://host/gone',
      'error gave up NOT_FOUND: the server answered 410: http://host/gone',
    ]);
  });

  it('shows no secret of headers, addresses and redirects', async () => {
    wire.server.on('/moved', {status: 302, headers: {Location: '/file?X-Amz-Signature=sekret-1'}});
    wire.server.on('/file', {status: 500, body: 'token=sekret-2'});
    const download = new HttpDownload({
      url: `${wire.server.url('/moved').replace('//', '//elmer:sekret-3@')}?token=sekret-4#sekret-5`, context: wire.context,
      headers: {authorization: 'Bearer sekret-6', 'x-api-key': 'sekret-7'},
    });
    new LogDelegate(logger).attach(download);
    download.register('error', () => { throw new Error('Authorization: Basic sekret-8'); });
    await download.run().catch(() => undefined);
    expect(lines.join('\n')).to.include('HANDLER_FAILED').and.to.not.include('sekret');
  });

  it('changes nothing: it sees the fault before the one who repairs it', async () => {
    wire.server.on('/file', {status: 404});
    wire.server.on('/other', {body: 'another'});
    const download = new HttpDownload({url: wire.server.url('/file'), context: wire.context});
    download.register('error', (event) => {
      event.download.url = wire.server.url('/other');
      event.repaired = true;
    });
    new LogDelegate(logger).attach(download);
    await download.run();
    expect(lines.filter((line) => line.startsWith('warn'))).to.have.length(1);
    expect(lines.at(-1)).to.equal('info fetched http://host/file (7 bytes, 2 attempts)');
  });

  it('takes console, and refuses a logger without all four levels', () => {
    expect(() => new LogDelegate(console)).to.not.throw();
    expect(() => new LogDelegate({...logger, warn: undefined} as never)).to.throw(TypeError, 'logger: expected an object with warn()');
    expect(() => new LogDelegate(undefined as never)).to.throw(TypeError, 'logger: expected an object with debug()');
  });
});
