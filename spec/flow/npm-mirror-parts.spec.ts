import {expect} from 'chai';
import {parseLockfile, type LockedPackage} from '../../examples/npm-mirror/lockfile.js';
import {secretsOf} from '../../examples/npm-mirror/npm-config.js';
import {isFor, type Machine, type PlatformRules} from '../../examples/npm-mirror/platform.js';
import {Registry} from '../../examples/npm-mirror/registry.js';
import {tableOf} from '../../examples/npm-mirror/table.js';

describe('npm-mirror: parseLockfile', () => {
  const parse = (packages: Record<string, object>): ReturnType<typeof parseLockfile> => parseLockfile({lockfileVersion: 3, packages});

  it('takes each package once, with the name of its place, or that of an alias', () => {
    const a = {version: '1.0.0', integrity: 'sha512-x'};
    const {packages, faults} = parse({'': {name: 'root'}, 'node_modules/a': a, 'node_modules/b/node_modules/a': a,
      'node_modules/@s/b': {version: '2.0.0-rc.1', os: ['linux']},
      'node_modules/alias': {...a, name: 'real', version: '3.0.0'}, 'packages/x/node_modules/c': {version: '1.0.0'}});
    expect(packages.map(({name, version}) => `${name}@${version}`)).to.deep.equal(['a@1.0.0', '@s/b@2.0.0-rc.1', 'real@3.0.0', 'c@1.0.0']);
    expect(packages[1]).to.deep.include({os: ['linux'], integrity: undefined});
    expect(faults).to.deep.equal([]);
  });

  it('skips links, workspaces, bundled and local packages', () => {
    const {packages, skipped} = parse({'': {}, 'packages/w': {version: '1.0.0'}, 'node_modules/w': {resolved: 'packages/w', link: true},
      'node_modules/b': {version: '1.0.0', inBundle: true}, 'node_modules/l': {version: '1.0.0', resolved: 'file:l.tgz'}});
    expect([packages, skipped]).to.deep.equal([[], 4]);
  });

  it('finds fault with names and versions that must not become paths, other addresses, and two integrities', () => {
    const {packages, faults} = parse({
      'node_modules/..': {version: '1.0.0'}, 'node_modules/@a/../../b': {version: '1.0.0'}, 'node_modules/v': {version: '1.0.0/../../x'},
      'node_modules/none': {},
      'node_modules/g': {version: '1.0.0', resolved: 'git+ssh://git@host/x.git#abc'},
      'node_modules/a': {version: '1.0.0', integrity: 'sha512-x'},
      'node_modules/c/node_modules/a': {version: '1.0.0', integrity: 'sha512-y'}});
    expect(packages.map(({name}) => name)).to.deep.equal(['a']);
    expect(faults.map(({entry}) => entry)).to.deep.equal(['node_modules/..', 'node_modules/@a/../../b', 'node_modules/v',
      'node_modules/none', 'node_modules/g',
      'node_modules/c/node_modules/a']);
  });

  it('refuses version 1 and what is no lockfile', () => {
    for (const parsed of [{lockfileVersion: 1, dependencies: {}}, {}, null, 'x', {lockfileVersion: 3}]) {
      expect(() => parseLockfile(parsed)).to.throw(TypeError, 'expected a lockfile of version 2 or 3');
    }
  });
});

describe('npm-mirror: isFor', () => {
  const linux: Machine = {os: 'linux', cpu: 'x64', libc: 'glibc'};
  const cases: readonly (readonly [PlatformRules, boolean])[] = [
    [{}, true], [{os: ['linux']}, true], [{os: ['darwin', 'linux']}, true], [{os: ['darwin']}, false], [{os: 'linux'}, true],
    [{os: ['any']}, true],
    [{os: ['!win32']}, true], [{os: ['!linux']}, false], [{os: ['!win32', '!darwin']}, true], [{os: ['!win32', 'darwin']}, false],
    [{os: []}, true],
    [{cpu: ['x64', 'arm64']}, true], [{cpu: ['arm64']}, false], [{cpu: ['!arm']}, true], [{os: ['linux'], cpu: ['ia32']}, false],
    [{libc: ['glibc']}, true], [{libc: ['musl']}, false], [{os: ['linux'], cpu: ['x64'], libc: ['!musl']}, true],
  ];
  it('follows npm\'s rules', () => {
    for (const [rules, fits] of cases) expect(isFor(rules, linux), JSON.stringify(rules)).to.equal(fits);
  });

  it('a libc is only met on Linux, where it is known', () => {
    expect(isFor({libc: ['glibc']}, {...linux, libc: undefined})).to.equal(false);
    expect(isFor({}, {os: 'darwin', cpu: 'arm64', libc: undefined})).to.equal(true);
  });
});

describe('npm-mirror: Registry', () => {
  const one = (name: string, resolved?: string): LockedPackage =>
    ({name, version: '1.0.0', integrity: undefined, resolved});
  const make = (settings: object, secrets: Record<string, string> = {}): Registry =>
    new Registry({settings: settings as Record<string, unknown>, secrets: new Map(Object.entries(secrets))});

  it('makes up addresses in the registry of the scope, or else the default one', () => {
    const registry = make({registry: 'https://r.example/npm', '@s:registry': 'https://s.example/'});
    expect(registry.tarballOf(one('a'))).to.equal('https://r.example/npm/a/-/a-1.0.0.tgz');
    expect(registry.tarballOf(one('@s/a'))).to.equal('https://s.example/@s/a/-/a-1.0.0.tgz');
    expect(registry.tarballOf(one('@t/a'))).to.equal('https://r.example/npm/@t/a/-/a-1.0.0.tgz');
    expect(make({}).tarballOf(one('a'))).to.equal('https://registry.npmjs.org/a/-/a-1.0.0.tgz');
  });

  it('keeps the lockfile\'s address, but for npm\'s public registry, as npm does', () => {
    const settings = {registry: 'https://r.example/npm/'};
    const [own, other] = ['https://registry.npmjs.org/a/-/a-1.0.0.tgz', 'https://o.example/x/a.tgz?y=1'];
    expect(make(settings).tarballOf(one('a', own))).to.equal('https://r.example/npm/a/-/a-1.0.0.tgz');
    expect(make(settings).tarballOf(one('a', other))).to.equal(other);
    expect(make({...settings, 'replace-registry-host': 'never'}).tarballOf(one('a', own))).to.equal(own);
    expect(make({...settings, 'replace-registry-host': 'always'}).tarballOf(one('a', other))).to.equal('https://r.example/npm/x/a.tgz?y=1');
    const third = make({...settings, 'replace-registry-host': 'o.example'});
    expect(third.tarballOf(one('a', other))).to.equal('https://r.example/npm/x/a.tgz?y=1');
  });

  it('gives tokens and passwords to the configured registries, below their path, and to nobody else', () => {
    const {credentials} = make({registry: 'https://r.example/npm/', '@s:registry': 'http://s.example:81/'}, {
      '//r.example/npm/:_authToken': 'token', '//s.example:81/:_auth': Buffer.from('elmer:ge:heim').toString('base64'),
      '//evil.example/:_authToken': 'stolen', '//r.example/other/:_authToken': 'other'});
    expect(credentials.for('https://r.example', '/npm/a/-/a-1.0.0.tgz')).to.deep.equal({scheme: 'bearer', token: 'token'});
    expect(credentials.for('http://s.example:81', '/x')).to.deep.equal({scheme: 'basic', name: 'elmer', password: 'ge:heim'});
    for (const [origin, path] of [['https://evil.example', '/'], ['http://r.example', '/npm/a'], ['https://r.example', '/else'],
      ['https://r.example', '/other/a'],
      ['https://r.example:444', '/npm/a']] as const) {
      expect(credentials.for(origin, path), `${origin}${path}`).to.equal(undefined);
    }
  });

  it('takes proxies, authorities and strict-ssl over', () => {
    const registry = make({proxy: 'http://p.example', 'https-proxy': null, noproxy: ['a.example', '.b.example'], cafile: '/ca.pem',
      'strict-ssl': false});
    expect(['http://x.example', 'https://x.example', 'http://a.example', 'https://c.b.example'].map((url) => registry.proxyFor(url)?.url))
      .to.deep.equal(['http://p.example', 'http://p.example', undefined, undefined]);
    expect([registry.ssl?.caCertificate, registry.ssl?.validation]).to.deep.equal(['/ca.pem', false]);
    expect(make({proxy: null, noproxy: [''], ca: null, cafile: null, 'strict-ssl': true}).ssl).to.equal(undefined);
  });
});

describe('npm-mirror: the rest', () => {
  it('reads the secrets of an npmrc, with variables', () => {
    const npmrc = 'registry=https://r.example\n; //c/:_authToken=no\n//r.example/:_authToken = ${TOKEN}\n'
      + '//s.example/npm/:_password="cGFzcw=="\n//t/:_authToken=${NONE}\n';
    expect([...secretsOf(npmrc, {TOKEN: 'geheim'})]).to.deep.equal([
      ['//r.example/:_authToken', 'geheim'], ['//s.example/npm/:_password', 'cGFzcw=='], ['//t/:_authToken', '${NONE}']]);
  });

  it('draws the table', () => {
    const table = tableOf({files: 4, fetched: 2, bytes: 3 * 2 ** 20, reused: 1, retried: 1, failed: 1, skipped: 5, duration: 1500});
    expect(table.split('\n').map((line) => line.split(/ {2,}/))).to.deep.equal([['files', '4'], ['fetched', '2'],
      ['bytes', '3145728 (3.0 MiB)'], ['reused', '1'],
      ['retried', '1'], ['failed', '1'], ['not for this machine', '5'], ['seconds', '1.5'], ['MiB/s', '2.0']]);
  });
});
