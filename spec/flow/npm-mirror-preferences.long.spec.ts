import {expect} from 'chai';
import {createHash} from 'node:crypto';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {startScript, type Ended} from '../cli/jupiter.js';
import {runLines} from '../cli/prefs-runs.js';
import {ProxyServer} from '../support/proxy-server.js';

const BODY = 'tarball of a';

describe('the importer npm-mirror with preferences', function suite() {
  this.timeout(180_000);
  const folder = useTempFolder();

  it('goes by them, before npm\'s own settings, unless it is told not to', async () => {
    await using registry = (await ScriptedServer.start()).on('/a/-/a-1.0.0.tgz', {body: BODY});
    await using proxy = await ProxyServer.start();
    const integrity = `sha512-${createHash('sha512').update(BODY).digest('base64')}`;
    await folder.write('.npmrc', `registry=${registry.origin}/\nproxy=http://127.0.0.1:9/\nfetch-retries=0\n`);
    await folder.write('package-lock.json', JSON.stringify({lockfileVersion: 3, packages: {'': {}, 'node_modules/a': {version: '1.0.0', integrity}}}));
    await runLines(folder.path, [`prefs set proxy.url ${proxy.url} --global`, `prefs set auth.token --from-env TOKEN --remote ${registry.origin}`,
      'prefs set retry.count 0 --global']);
    const run = (flags: readonly string[], env: Record<string, string>): Promise<Ended> =>
      startScript('examples/npm-mirror/main.ts', ['package-lock.json', '--no-catalogue', ...flags], {cwd: folder.path, input: '', env}).ended;
    const env = {JUPITER_PREFS: folder.join('p.db'), TOKEN: 'tok-1'};
    const first = await run([], env);
    expect([first.code, first.stderr]).to.deep.equal([0, '']);
    expect([proxy.requests.length, registry.requests.map(({headers}) => headers.authorization)]).to.deep.equal([1, ['Bearer tok-1']]);

    await runLines(folder.path, ['prefs unset proxy.url --global', 'prefs set proxy.bypass 127.0.0.1 --global']);
    expect((await run(['-d', 'direct'], env)).code).to.equal(0);
    expect([proxy.requests.length, registry.requests.length]).to.deep.equal([1, 2]);

    const away = await run([], {...env, JUPITER_PREFS_CENTRAL: 'postgres://elmer@127.0.0.1:9/prefs'});
    expect(away.stderr).to.match(/^npm-mirror: proxy\.url is not known for sure, so nothing is used/);
    const missing = await run([], {JUPITER_PREFS: 'none.db'});
    expect(missing.stderr).to.match(/^npm-mirror: JUPITER_PREFS: expected a file that jupiter prefs made/);
    expect([away.code, missing.code, registry.requests.length]).to.deep.equal([2, 2, 2]);

    await folder.write('.npmrc', `registry=${registry.origin}/\n`);
    await runLines(folder.path, ['prefs set hosts other.example --global']);
    expect([(await run(['-d', 'refused'], env)).code, (await run(['-d', 'plain', '--no-prefs'], env)).code]).to.deep.equal([1, 0]);
    expect(registry.requests.map(({headers}) => headers.authorization)).to.deep.equal(['Bearer tok-1', 'Bearer tok-1', undefined]);
  });
});
