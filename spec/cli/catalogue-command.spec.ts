import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {expect} from 'chai';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {runTogether} from './command-lines.js';
import {jupiter, startJupiter, type Ended} from './jupiter.js';

const digestOf = (text: string): string => createHash('sha512').update(text).digest('hex');
const factOf = (key: string, text: string): object => ({path: '/linux/de', kind: 'partial', from: key, digest: digestOf(text), size: text.length});

describe('jupiter catalogue', function suite() {
  this.timeout(60_000);
  const folder = useTempFolder();

  const run = (line: string, more: {input?: string; env?: Record<string, string>} = {}): Promise<Ended> =>
    jupiter(['catalogue', ...line.split(' ')], {cwd: folder.path, ...more, env: {JUPITER_CATALOGUE: 'c.db', ...more.env}});
  const publish = (facts: readonly object[], flags = '', env = {}): Promise<Ended> =>
    run(`publish app-1 - --actor elmer${flags}`, {input: facts.map((fact) => JSON.stringify(fact)).join('\n'), env});
  const lines = ({stdout}: Ended): string[] => stdout.toString().trimEnd().split('\n');

  it('publishes facts, knows them again, and shows release, part, history and differences', async () => {
    expect(lines(await publish([factOf('r1', 'one')], ' --product app'))).to.deep.equal(['app-1 version 2: 1 fact in 2 changes']);
    expect(lines(await publish([factOf('r1', 'one'), factOf('r2', 'two')]))).to.deep.equal(['app-1 version 3: 2 facts in 1 change']);
    expect(lines(await publish([factOf('r2', 'two')]))).to.deep.equal(['app-1 version 3: 1 fact, all there already']);
    expect(lines(await run('list'))[1]).to.match(/^app-1 {4}app {6}version 3 {2}\d{4}-/);
    const shown = lines(await run('show app-1'));
    expect(shown[0]).to.match(/^app-1 {2}app {2}version 3 /);
    expect(shown.slice(2).map((line) => line.trim().split(/ {2,}/).slice(-4, -1))).to.deep.equal([['partials', 'r1', '3 B'], ['partials', 'r2', '3 B']]);
    const before = JSON.parse((await run('show app-1 /linux/de --json --at-version 2')).stdout.toString()) as {document: unknown};
    expect(before.document).to.deep.equal({partials: [{from: 'r1', digest: digestOf('one'), size: 3}]});
    expect(lines(await run('history app-1')).slice(1).map((line) => line.split(/ {2,}/).slice(0, 4))).to.deep.equal([
      ['3', '/linux/de #2', 'publish', 'elmer'], ['2', '/linux/de #1', 'publish', 'elmer'], ['1', '(head)', 'create', 'elmer'],
    ]);
    expect(lines(await run('diff app-1 2 3'))[1]).to.match(/^\/linux\/de\/partials\/r2 {2}added {2}- /);
    expect(lines(await run('changes --after 1')).map((line) => (JSON.parse(line) as {seq: number}).seq)).to.deep.equal([2, 3]);
    expect((JSON.parse((await run('export')).stdout.toString()) as {version: number}).version).to.equal(3);
  });

  it('shows a conflict as a table of path, theirs and yours, and changes nothing', async () => {
    await publish([factOf('r1', 'one')], ' --product app');
    const {code, stdout, stderr} = await publish([factOf('r2', 'two'), factOf('r1', 'other')]);
    expect([code, stdout.length]).to.deep.equal([10, 0]);
    expect(stderr.split('\n')[0]).to.match(/^path +why +theirs +yours$/);
    expect(stderr).to.match(/^\/linux\/de\/partials\/r1 +both-changed +digest \w{128} +digest \w{128}\n +size 3 +size 5$/m)
      .and.to.match(/^jupiter catalogue publish: MERGE_CONFLICT: /m);
    expect(lines(await run('list'))[1]).to.contain('version 2');
  });

  it('serves it to those who have a token, and to nobody else', async () => {
    await publish([factOf('r1', 'one')], ' --product app');
    const made = await run('token create ci --scope publish');
    const token = made.stdout.toString().trim();
    expect(made.stderr).to.match(/^token \S+ of ci: publish\n$/);
    const {child, ended} = startJupiter(['catalogue', 'serve', '--port', '0'], {cwd: folder.path, env: {JUPITER_CATALOGUE: 'c.db'}});
    try {
      const [first] = await Promise.race([once(child.stdout!, 'data'), ended.then(({stderr}) => { throw new Error(stderr); })]) as [Buffer];
      const env = {JUPITER_CATALOGUE: first.toString().trim()};
      const without = await publish([factOf('r2', 'two')], '', env);
      expect(without.code).to.equal(5);
      const result = await publish([factOf('r2', 'two')], '', {...env, JUPITER_TOKEN: token});
      expect(lines(result)).to.deep.equal(['app-1 version 3: 1 fact in 1 change']);
      const all = JSON.stringify([without.stderr, result.stderr, result.stdout.toString()]);
      expect(all).to.not.contain(token.slice(8));
    } finally {
      child.kill('SIGTERM');
    }
    expect((await ended).code).to.equal(143);
    const [id = ''] = lines(await run('token list'))[1]?.split(' ') ?? [];
    expect(lines(await run(`token revoke ${id}`))).to.deep.equal([`revoked ${id}`]);
    expect(lines(await run('token list'))[1]).to.contain('revoked ');
  });

  it('drops old documents', async () => {
    await publish([factOf('r1', 'one')], ' --product app');
    await publish([factOf('r2', 'two')]);
    expect(lines(await run('prune --older-than 0 --keep 1'))).to.deep.equal(['dropped 1 documents and 0 remembered requests']);
    expect((await run('show app-1 /linux/de --at-version 2')).code).to.equal(4);
  });

  it('says what is wrong with its flags', async () => {
    const cases = [
      ['list', 2, /--catalogue: expected a catalogue that is there, got "new.db"/],
      ['prune', 2, /--catalogue: expected a catalogue that is there/],
      ['token list', 2, /--catalogue: expected a catalogue that is there/],
      ['publish other --product app --fact {"path":"/a","kind":"complete","key":"k","digest":"zz","size":1}', 2, /INVALID_FACT/],
      ['show nothing', 4, /^jupiter catalogue show: UNKNOWN_RELEASE: no release "nothing"/],
      ['list --catalogue ftp://h/', 2, /expected a path or a postgres:\/\/ URL/],
      ['prune --catalogue http://127.0.0.1:9', 2, /--catalogue: expected a file or a PostgreSQL database to prune/],
      ['list --catalogue http://127.0.0.1:9', 3, /UNREACHABLE/],
      ['publish app-1', 2, /FILE: expected a list of facts, or --fact/],
      ['publish app-1 --fact {"a":1,"a":2}', 2, /--fact: /],
      ['publish app-1 --fact {} --schema 1', 2, /--schema, --hash: expected --product/],
      ['publish app-1 --fact {"path":"/a","kind":"complete","key":"k","digest":"zz","size":1} --product app', 2, /INVALID_FACT/],
      ['token create ci --scope root', 2, /--scope: expected one of read, publish, admin/],
      ['show app-1 --at yesterday', 2, /--at: expected a time/],
      ['nonsense', 2, /unknown command 'nonsense'/],
    ] as const;
    const told = await runTogether(folder.path, cases.map(([line]) => `catalogue ${line}`), {JUPITER_CATALOGUE: 'new.db'});
    for (const [at, [line, code, message]] of cases.entries()) {
      expect(told[at]?.stderr, line).to.match(message);
      expect(told[at]?.code, line).to.equal(code);
    }
    expect((await run('list', {env: {JUPITER_CATALOGUE: ''}})).stderr).to.match(/--catalogue: expected a file/);
  });
});
