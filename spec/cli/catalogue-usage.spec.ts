import {chmod, mkdir} from 'node:fs/promises';
import {once} from 'node:events';
import {createServer} from 'node:net';
import {expect} from 'chai';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {runTogether} from './command-lines.js';

const factOf = (digest: string): string => `{"path":"/a","kind":"complete","key":"k","digest":"${digest}","size":1}`;
const FACT = factOf('ab'.repeat(64));
const SHORT = factOf('ab'.repeat(32));
/** Nobody listens there. */
const AWAY = '--catalogue http://127.0.0.1:9';

/** Arguments, exit code and what stderr says. None of them makes a file. */
const CASES: readonly (readonly [line: string, code: number, message: RegExp])[] = [
  [`publish app --fact ${FACT}`, 2, /publish: --catalogue: expected a catalogue that is there \(--product NAME makes it\), got "new\.db"\n$/],
  ['publish app nosuch --product p', 2, /nosuch: expected a file that can be read, got ENOENT/],
  [`publish app --fact ${FACT} --product p --schema x`, 2, /--schema: expected a whole number/],
  [`publish app --fact ${FACT} --product p --catalogue no/new.db`, 2, /--catalogue: expected a file in a folder that is there, got "no\/new\.db"\n$/],
  [`publish app --fact ${FACT} --product p --catalogue token/new.db`, 2, /--catalogue: expected a file in a folder that is there/],
  ['list --catalogue folder', 2, /--catalogue: expected a file, got a folder: folder\n$/],
  ['list --catalogue no/new.db', 2, /--catalogue: expected a catalogue that is there, got "no\/new\.db"\n$/],
  ['serve --catalogue folder', 2, /--catalogue: expected a file, got a folder: folder\n$/],
  ['serve --port 99999', 2, /serve: --port: expected at most 65535, got "99999"\n$/],
  ['serve --port x', 2, /serve: --port: expected a whole number/],
  ['serve --open --host 0.0.0.0', 2, /serve: --host: expected an address that only this machine reaches, .* beside --open, got "0\.0\.0\.0"\n$/],
  ['token create ci --scope root', 2, /--scope: expected one of read, publish, admin/],
  ['token create ci --days x', 2, /--days: expected a whole number/],
  [`list ${AWAY} --token-file token`, 2,
    /--token-file: expected a readable file of mode 600, token is none: others may read it \(mode 640\); chmod 600 helps\n$/],
  [`list ${AWAY} --token-file nosuch`, 2, /--token-file: expected a readable file of mode 600, nosuch is none: ENOENT: no such file or directory\n$/],
  [`list ${AWAY}`, 2, /JUPITER_TOKEN: expected a token, or not to be set; got an empty text\n$/],
  [`list ${AWAY} --token-file private`, 3, /UNREACHABLE/],
];

describe('jupiter catalogue, used wrongly', function suite() {
  this.timeout(60_000);
  const folder = useTempFolder();
  const run = (lines: readonly string[]): ReturnType<typeof runTogether> =>
    runTogether(folder.path, lines.map((line) => `catalogue ${line}`), {JUPITER_CATALOGUE: 'new.db', JUPITER_TOKEN: ''});

  it('says what is wrong in the names of its flags, and makes no file', async () => {
    await mkdir(folder.join('folder'));
    await chmod(await folder.write('token', 'tok'), 0o640);
    await chmod(await folder.write('private', 'tok'), 0o600);
    const told = await run(CASES.map(([line]) => line));
    for (const [at, [line, code, message]] of CASES.entries()) {
      expect(told[at]?.stderr, line).to.match(message);
      expect(told[at]?.code, line).to.equal(code);
    }
    expect(await folder.list()).to.deep.equal(['folder/', 'private', 'token']);
  });

  it('says what helps: --product for a release that is missing, --hash for digests of another kind', async () => {
    const told = await run([
      `publish app --fact ${SHORT} --product p`, `publish app --fact ${SHORT} --product p --hash sha256`, `publish other --fact ${SHORT}`,
      `publish app --fact ${FACT}`,
    ]);
    expect(told.map(({code}) => code)).to.deep.equal([2, 0, 4, 2]);
    expect(told[0]?.stderr).to.match(/ got 64 characters: a sha256\? The release has sha512; --hash NAME makes a release with digests of another kind\n$/);
    expect(told[2]?.stderr).to.match(/UNKNOWN_RELEASE: no release "other"; --product NAME makes it\n$/);
    expect(told[3]?.stderr).to.match(/ got 128 characters: a sha512\? The release has sha256\n$/);
  });

  it('shows whole digests where there is no terminal', async () => {
    const told = await run([`publish app --fact ${FACT} --product p`, 'show app', 'diff app 1 2']);
    for (const {stdout} of told.slice(1)) expect(stdout).to.contain('ab'.repeat(64)).and.not.contain('…');
  });

  it('says that an address is taken in the names of its flags', async () => {
    const busy = createServer().listen(0, '127.0.0.1');
    await once(busy, 'listening');
    const {port} = busy.address() as {port: number};
    const [told] = await run([`serve --port ${port}`]);
    busy.close();
    expect(told?.stderr).to.match(new RegExp(`serve: --port, --host: expected a free port of this machine, got 127\\.0\\.0\\.1:${port}: .*EADDRINUSE`));
    expect(told?.code).to.equal(2);
  });

  it('offers the address of a server only to commands that take one', async () => {
    const local = ['serve', 'prune', 'token create', 'token list', 'token revoke'];
    const remote = ['publish', 'list', 'show', 'history', 'diff', 'changes', 'export'];
    const told = await run([...local, ...remote].map((name) => `${name} --help`));
    const offering = told.filter(({stdout}) => stdout.replace(/\s+/g, ' ').includes('address of a server')).map(({line}) => line);
    expect(offering).to.deep.equal(remote.map((name) => `catalogue ${name} --help`));
  });
});
