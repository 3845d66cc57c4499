import {expect} from 'chai';
import {connect} from 'node:net';
import {isLoopback} from '../../../src/catalogue/server/host-check.js';
import {useServed} from './served.js';

describe('HostCheck', () => {
  const served = useServed();
  const {ask} = served;

  /** What is answered to bytes that no client would send. */
  async function answerTo(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(served.server.port, '127.0.0.1', () => { socket.write(text); });
      let answer = '';
      socket.on('data', (chunk) => { answer += String(chunk); }).on('close', () => { resolve(answer); }).on('error', reject);
    });
  }

  it('lets in who means this machine', async () => {
    const {port} = await served.start();
    for (const host of ['localhost', 'LOCALHOST', `127.0.0.1:${port}`, '[::1]:80', `localhost:${port}`]) {
      expect((await ask('GET', '/releases', {headers: {host}})).status, host).to.equal(200);
    }
  });

  it('refuses other names, so that no page can point one of its own here', async () => {
    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '0.0.0.0', 'catalogue']) {
      const reply = await ask('GET', '/releases', {headers: {host}});
      expect([reply.status, reply.body.code], host).to.deep.equal([421, 'WRONG_HOST']);
    }
  });

  it('takes the names that it is given instead', async () => {
    await served.start({hosts: ['Catalogue.example']});
    expect((await ask('GET', '/releases', {headers: {host: 'catalogue.EXAMPLE:8443'}})).status).to.equal(200);
    expect((await ask('GET', '/releases', {headers: {host: 'localhost'}})).status).to.equal(421);
  });

  it('refuses a Host that is none, no Host, two of them, and absolute addresses', async () => {
    await served.start();
    for (const request of [
      'GET /releases HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n',
      'GET /releases HTTP/1.1\r\nHost: localhost@evil\r\nConnection: close\r\n\r\n',
      'GET /releases HTTP/1.0\r\n\r\n',
      'GET /releases HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
      'GET http://evil.example/releases HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      'GET //releases HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    ]) {
      const answer = await answerTo(request);
      expect(answer, request).to.match(/^HTTP\/1\.1 400 /);
      expect(answer).to.contain('"code":"BAD_REQUEST"').and.to.not.contain('evil');
    }
  });

  it('answers what is no HTTP with a problem too', async () => {
    await served.start();
    expect(await answerTo('\x16\x03\x01\x02\r\n\r\n')).to.match(/^HTTP\/1\.1 400 [^]*application\/problem\+json[^]*"code":"BAD_REQUEST"/);
    const large = `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`;
    expect(await answerTo(large)).to.match(/^HTTP\/1\.1 431 [^]*"code":"BAD_REQUEST"/);
  });

  it('refuses writes that a browser makes for another site', async () => {
    const json = {name: 'r1', product: 'firefox'};
    const foreign = [{origin: 'https://evil.example'}, {origin: 'null'}, {'sec-fetch-site': 'cross-site'}, {'sec-fetch-site': 'same-site'}];
    for (const headers of foreign) {
      const reply = await ask('POST', '/releases', {json, headers});
      expect([reply.status, reply.body.code], JSON.stringify(headers)).to.deep.equal([403, 'FORBIDDEN']);
    }
    const {port} = served.server;
    const own = {host: `localhost:${port}`, origin: `http://localhost:${port}`, 'sec-fetch-site': 'same-origin'};
    expect((await ask('POST', '/releases', {json, headers: own})).status).to.equal(201);
  });
});

describe('isLoopback', () => {
  it('knows the addresses that only this machine reaches', () => {
    expect(['localhost', '::1', '127.0.0.1', '127.8.9.10'].every(isLoopback)).to.equal(true);
    expect(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example', '127.1', ''].some(isLoopback)).to.equal(false);
  });
});
