import {expect} from 'chai';
import {once} from 'node:events';
import {request, type IncomingMessage} from 'node:http';
import type {Socket} from 'node:net';
import {text} from 'node:stream/consumers';
import {ProxyServer} from './proxy-server.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';

describe('ProxyServer', () => {
  let server: ScriptedServer;
  beforeEach(async () => { server = (await ScriptedServer.start()).on('/a', {body: 'hello', keepAlive: false}); });
  afterEach(async () => { await server.close(); });

  const through = async (proxy: ProxyServer, target: string, authorization?: string): Promise<[number, string]> => {
    const headers = authorization === undefined ? {} : {'proxy-authorization': authorization};
    const asked = request(proxy.url, {path: target, agent: false, headers});
    asked.end();
    const [answer] = await once(asked, 'response') as [IncomingMessage];
    return [answer.statusCode ?? 0, await text(answer)];
  };

  it('forwards absolute-form requests without the credentials, which it demands', async () => {
    await using proxy = await ProxyServer.start({credentials: 'elmer:secret'});
    const basic = `Basic ${Buffer.from('elmer:secret').toString('base64')}`;
    expect(await through(proxy, server.url('/a'))).to.deep.equal([407, '']);
    expect(await through(proxy, server.url('/a'), basic)).to.deep.equal([200, 'hello']);
    expect(proxy.requests.map(({kind, target, credentials}) => [kind, target, credentials]))
      .to.deep.equal([['forward', server.url('/a'), undefined], ['forward', server.url('/a'), 'elmer:secret']]);
    expect(server.requests[0]?.headers).to.not.have.property('proxy-authorization');
  });

  it('tunnels to where the route leads', async () => {
    await using proxy = await ProxyServer.start({route: () => ({host: '127.0.0.1', port: server.port})});
    const asked = request(proxy.url, {method: 'CONNECT', path: 'files.example:443', agent: false});
    asked.end();
    const [answer, socket] = await once(asked, 'connect') as [IncomingMessage, Socket];
    expect(answer.statusCode).to.equal(200);
    socket.write('GET /a HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await text(socket)).to.match(/hello$/);
    expect(proxy.requests[0]?.target).to.equal('files.example:443');
  });

  it('swallows everything when silent', async () => {
    await using proxy = await ProxyServer.start({silent: true});
    const asked = request(proxy.url, {path: server.url('/a'), agent: false});
    asked.on('error', () => undefined);
    asked.end();
    while (proxy.requests.length === 0) await new Promise(setImmediate);
    expect(server.connections).to.equal(0);
    asked.destroy();
  });
});
