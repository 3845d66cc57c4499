import {expect} from 'chai';
import {createHash} from 'node:crypto';
import {oneLine} from '../../src/cli/reporter.js';
import {ProxyServer} from '../support/proxy-server.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {jupiter} from './jupiter.js';

const SHA256 = createHash('sha256').update('x').digest('hex');

describe('secrets of the command', function suite() {
  this.timeout(30_000);
  const folder = useTempFolder();
  let server: ScriptedServer;
  let other: ScriptedServer;
  beforeEach(async () => { [server, other] = [await ScriptedServer.start(), await ScriptedServer.start()]; });
  afterEach(async () => { await Promise.all([server.close(), other.close()]); });

  it('show in no output, whatever fails', async () => {
    const proxy = await ProxyServer.start({credentials: 'elmer:another'});
    const echo = (request: {path: string}): object => ({status: 403, reason: 'token=geheim', body: `password=geheim ${request.path}`});
    server.on('*', echo).on('/moved', {status: 302, headers: {Location: 'http://elmer:geheim@127.0.0.1:9/x?sig=geheim'}});
    try {
      const at = server.origin.replace('://', '://elmer:geheim@');
      const common = ['--json', '--retries', '0'];
      const ends = await Promise.all([
        ['get', `${at}/a?token=geheim`, ...common],
        ['get', server.url('/moved?X-Amz-Signature=geheim'), ...common],
        ['get', server.url('/a'), '--user', 'elmer:geheim', ...common],
        ['get', server.url('/a'), '-H', 'Authorization: Bearer geheim', '-H', 'X-Api-Key: geheim', ...common],
        ['get', server.url('/a'), '--proxy', proxy.url.replace('://', '://elmer:geheim@'), ...common],
        ['get', `${at}/a`, '--mirror', `${at}/b?key=geheim`, ...common],
      ].map((args) => jupiter(args, {cwd: folder.path})));
      for (const [index, {code, stdout, stderr}] of ends.entries()) {
        expect(code, String(index)).to.be.greaterThan(2);
        expect(stderr, String(index)).to.match(/^failed /);
        expect(stdout.toString() + stderr, String(index)).to.not.contain('geheim');
      }
    } finally {
      await proxy.close();
    }
  });

  it('go to the origin of a checksum file only if it is that of the first address', async () => {
    for (const one of [server, other]) one.on('/SHA256SUMS', {body: `${SHA256}  a\n`}).on('/a', {body: 'x'});
    const secrets = ['--user', 'elmer:geheim', '-H', 'X-Key: geheim', '-q', '--exists', 'replace'];
    for (const sums of [other, server]) {
      expect((await jupiter(['get', server.url('/a'), '--checksums', sums.url('/SHA256SUMS'), ...secrets], {cwd: folder.path})).code).to.equal(0);
    }
    expect(other.requests.map(({headers}) => [headers.authorization, headers['x-key']])).to.deep.equal([[undefined, undefined]]);
    expect(server.requestsFor('/SHA256SUMS').map(({headers}) => headers['x-key'])).to.deep.equal(['geheim']);
  });

  it('and control characters are taken out of every line', () => {
    expect(oneLine('a\u001b[31m\u009b\r\nb\tc http://elmer:geheim@h/ token=geheim')).to.equal('a\\u001b[31m\\u009b b c http://h/ token=***');
  });
});
