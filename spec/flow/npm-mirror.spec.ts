import {expect} from 'chai';
import {createHash} from 'node:crypto';
import {Catalogue} from '../../src/catalogue/catalogue.js';
import {recordsOf, startScript, type Ended} from '../cli/jupiter.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';

const TOKEN = 'geheim-0123456789';
const body = (name: string): Buffer => Buffer.from(`tarball of ${name} `.repeat(50));
const integrity = (name: string): string => `sha512-${createHash('sha512').update(body(name)).digest('base64')}`;
const sha512 = (name: string): string => createHash('sha512').update(body(name)).digest('hex');

describe('the importer npm-mirror', function suite() {
  this.timeout(60_000);
  const folder = useTempFolder();
  let registry: ScriptedServer;
  let other: ScriptedServer;
  beforeEach(async () => {
    [registry, other] = [await ScriptedServer.start(), await ScriptedServer.start()];
    await folder.write('.npmrc', `registry=${registry.origin}/\n//127.0.0.1:${registry.port}/:_authToken=${TOKEN}\n`);
  });
  afterEach(async () => { await Promise.all([registry.close(), other.close()]); });
  const lock = (packages: Record<string, object>): Promise<string> =>
    folder.write('package-lock.json', JSON.stringify({lockfileVersion: 3, packages: {'': {}, ...packages}}));
  const run = (...args: string[]): Promise<Ended> =>
    startScript('examples/npm-mirror/main.ts', ['package-lock.json', ...args], {cwd: folder.path, input: ''}).ended;
  const facts = async (): Promise<unknown[]> =>
    (await folder.read('mirror/facts.jsonl')).toString().trim().split('\n').map((line) => JSON.parse(line) as unknown);
  const row = ({stdout}: Ended, name: string): string | undefined =>
    stdout.toString().split('\n').find((line) => line.startsWith(`${name} `))?.slice(name.length).trim();

  it('fetches what is missing, verified, once; the second run asks nothing', async () => {
    registry.on('/a/-/a-1.0.0.tgz', {body: body('a')})
      .on('/@s/b/-/b-2.0.0.tgz', ({nth}) => nth === 1 ? {status: 503, headers: {'Retry-After': '0'}} : {body: body('b')});
    other.on('/c.tgz', {body: body('c')});
    const foreign = process.platform === 'win32' ? 'linux' : 'win32';
    await lock({'node_modules/a': {version: '1.0.0', integrity: integrity('a')},
      'node_modules/x/node_modules/a': {version: '1.0.0', integrity: integrity('a')},
      'node_modules/@s/b': {version: '2.0.0', integrity: integrity('b')},
      'node_modules/c': {version: '3.0.0', integrity: integrity('c'), resolved: other.url('/c.tgz?token=geheim')},
      'node_modules/w': {version: '1.0.0', integrity: integrity('w'), os: [foreign]}});
    const first = await run();
    expect([first.code, first.stderr]).to.deep.equal([0, '']);
    expect(['files', 'fetched', 'reused', 'retried', 'failed', 'not for this machine'].map((name) => row(first, name)))
      .to.deep.equal(['3', '3', '0', '1', '0', '1']);
    expect(first.stdout.toString()).to.match(/\nin \/.*\/mirror\nrecorded in \/.*\/mirror\/catalogue\.db: release lockfile, version 4\n$/);
    expect((await folder.list()).filter((name) => /^mirror\/.*[^/]$/.test(name) && !name.includes('catalogue.db-')))
      .to.deep.equal(['mirror/@s/b/-/b-2.0.0.tgz', 'mirror/a/-/a-1.0.0.tgz', 'mirror/c/-/c-3.0.0.tgz', 'mirror/catalogue.db', 'mirror/facts.jsonl']);
    const fact = (name: string, version: string, size: string, url: string, attempts = 1): object =>
      ({name, version, outcome: 'fetched', size: body(size).length, sha512: sha512(size), url, attempts});
    expect(await facts()).to.deep.equal([fact('@s/b', '2.0.0', 'b', registry.url('/@s/b/-/b-2.0.0.tgz'), 2),
      fact('a', '1.0.0', 'a', registry.url('/a/-/a-1.0.0.tgz')),
      fact('c', '3.0.0', 'c', other.url('/c.tgz?token=***'))]);
    expect(registry.requests.map(({headers}) => headers.authorization)).to.deep.equal(Array(3).fill(`Bearer ${TOKEN}`));
    expect(other.requests[0]?.headers).to.not.have.property('authorization');

    const recorded = async (): Promise<unknown> => {
      await using catalogue = await Catalogue.open(folder.join('mirror', 'catalogue.db'));
      const {version, parts} = await catalogue.get('lockfile');
      return [version, parts.map(({path, document}) => [path, document])];
    };
    const entry = (path: string, key: string, size: string, url: string): unknown =>
      [path, {completes: [{key, digest: sha512(size), size: body(size).length, url}]}];
    const all = [4, [entry('/@s~1b', '@s/b/-/b-2.0.0.tgz', 'b', registry.url('/@s/b/-/b-2.0.0.tgz')),
      entry('/a', 'a/-/a-1.0.0.tgz', 'a', registry.url('/a/-/a-1.0.0.tgz')), entry('/c', 'c/-/c-3.0.0.tgz', 'c', other.url('/c.tgz'))]];
    expect(await recorded()).to.deep.equal(all);

    const asked = registry.requests.length + other.requests.length;
    const second = await run();
    expect(second.code).to.equal(0);
    expect(['files', 'fetched', 'bytes', 'reused'].map((name) => row(second, name))).to.deep.equal(['3', '0', '0 (0.0 MiB)', '3']);
    expect(registry.requests.length + other.requests.length).to.equal(asked);
    expect((await facts()).map((one) => (one as {outcome: string; attempts: number}).outcome)).to.deep.equal(['kept', 'kept', 'kept']);
    expect(await recorded()).to.deep.equal(all);
  });

  it('tells its flags with --help, and does nothing else', async () => {
    const end = await run('--help');
    expect([end.code, end.stderr]).to.deep.equal([0, '']);
    for (const flag of ['--all-platforms', '--allow-unverified', '--dir', '--json']) expect(end.stdout.toString()).to.contain(flag);
    expect(registry.requests).to.deep.equal([]);
  });

  it('fetches again what is there and bad, fails for what is bad at its source, and says so', async () => {
    registry.on('/a/-/a-1.0.0.tgz', {body: body('a')}).on('/b/-/b-1.0.0.tgz', {body: body('other')});
    await lock({'node_modules/a': {version: '1.0.0', integrity: integrity('a')}});
    expect((await run()).code).to.equal(0);
    await folder.write('mirror/a/-/a-1.0.0.tgz', 'rotten');
    await lock({'node_modules/a': {version: '1.0.0', integrity: integrity('a')},
      'node_modules/b': {version: '1.0.0', integrity: integrity('b')},
      'node_modules/bare': {version: '1.0.0'}, 'node_modules/git': {version: '1.0.0', resolved: 'git+https://h/x.git'}});
    const end = await run('--json');
    expect(end.code).to.equal(1);
    expect(await folder.read('mirror/a/-/a-1.0.0.tgz')).to.deep.equal(body('a'));
    expect(recordsOf(end).map(({name, outcome, error}) => [name, outcome, String(error).split(' ')[0]]).sort()).to.deep.equal([
      ['a', 'fetched', 'undefined'], ['b', 'failed', 'DIGEST_MISMATCH'], ['bare', 'failed', 'the'],
      ['node_modules/git', 'failed', 'expected']]);
    expect(end.stderr.trim().split('\n').map((line) => line.split(':')[0]).sort())
      .to.deep.equal(['failed b@1.0.0', 'failed bare@1.0.0', 'failed node_modules/git@']);
    expect((await folder.list()).filter((name) => name.includes('mirror/b/'))).to.deep.equal([]);
    registry.on('/bare/-/bare-1.0.0.tgz', {body: body('bare')});
    await lock({'node_modules/bare': {version: '1.0.0'}});
    expect((await run('--allow-unverified')).code).to.equal(0);
  });

  it('takes packages for other machines with --all-platforms', async () => {
    registry.on('/w/-/w-1.0.0.tgz', {body: body('w')});
    await lock({'node_modules/w': {version: '1.0.0', integrity: integrity('w'), os: ['none']}});
    expect(row(await run(), 'files')).to.equal('0');
    expect(row(await run('--all-platforms', '-d', 'all'), 'fetched')).to.equal('1');
    expect(await folder.list()).to.include('all/w/-/w-1.0.0.tgz');
  });

  it('exits 2 for wrong arguments and what is no lockfile', async () => {
    await folder.write('package-lock.json', '{"lockfileVersion": 1}');
    const ends = await Promise.all([run(), run('--bogus'), run('second.json')]);
    expect(ends.map(({code, stdout}) => [code, stdout.length])).to.deep.equal([[2, 0], [2, 0], [2, 0]]);
    for (const [at, why] of ['expected a lockfile of version 2 or 3, got version 1', "Unknown option '--bogus'",
      'expected one lockfile, got 2'].entries()) {
      expect(ends[at]?.stderr).to.contain(`npm-mirror: ${why}`);
    }
    expect(await folder.list()).to.not.include('mirror/');
  });
});
