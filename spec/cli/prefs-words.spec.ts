import {expect} from 'chai';
import {writeFile} from 'node:fs/promises';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import type {Told} from './command-lines.js';
import {runLines} from './prefs-runs.js';

describe('what jupiter prefs says', function suite() {
  this.timeout(60_000);
  const folder = useTempFolder();
  const run = (lines: readonly string[], env: Record<string, string> = {}): Promise<Told[]> =>
    runLines(folder.path, lines.map((line) => `prefs ${line}`), env);

  it('of a list for no remote: which remotes have settings', async () => {
    const told = await run(['list', 'set auth.token --from-env TOKEN --remote r.example', 'list', 'list --remote other.example',
      'list --json', 'set retry.count 1 --exception --remote a.example', 'list', 'set retry.count 2 --global', 'list', 'list --global',
      'list --owner nobody'],
    {TOKEN: 'x'});
    const said = told.filter(({line}) => line.startsWith('prefs list')).map(({stderr}) => stderr.replace('jupiter prefs list: ', ''));
    const two = '2 remotes have settings: a.example, r.example (--remote NAME lists them)\n';
    const nothing = 'nothing is set; --all shows the defaults\n';
    expect(said).to.deep.equal([nothing,
      'nothing is set for all remotes; 1 remote has settings: r.example (--remote NAME lists them)\n', nothing, '',
      `nothing is set for all remotes; ${two}`, two, '', nothing]);
    expect(told[8]?.lines.length).to.equal(2);
  });

  it('of a name that no setting has: what may be meant', async () => {
    const hints = async (names: readonly string[]): Promise<string[]> =>
      (await run(names.map((name) => `get ${name}`))).map(({stderr}) => stderr.replace(/^.* is declared; /s, '').trimEnd());
    expect(await hints(['timeout.reed', 'proxy', 'read', 'proxi', 'zzzzzz'])).to.deep.equal([
      'did you mean timeout.read?',
      'it is a group: name one of proxy.url, proxy.user, proxy.password, proxy.bypass (or jupiter prefs inspect proxy)',
      'did you mean timeout.read?', 'did you mean proxy?', 'jupiter prefs list --all shows them all']);
    const [set] = await run(['set timout.read 5 --global']);
    expect([set?.code, set?.stderr.endsWith('; did you mean timeout.read?\n')]).to.deep.equal([2, true]);
  });

  it('of a text in place of a number: the unit', async () => {
    const told = await run(['timeout.read 5s', 'bandwidth 1M', 'size.max 1M', 'retry.count many', 'tls.verify yes']
      .map((words) => `set ${words} --global`));
    expect(told.map(({code, stderr}) => [code, stderr.replace(/^jupiter prefs set: INVALID_VALUE: /, '').trimEnd()])).to.deep.equal([
      [2, 'timeout.read: expected milliseconds, such as 5000, got another text'],
      [2, 'bandwidth: expected bytes a second, such as 1048576, got another text'],
      [2, 'size.max: expected bytes, such as 1048576, got another text'],
      [2, 'retry.count: expected a number, such as 4, got another text'],
      [2, 'tls.verify: expected true or false, got another text']]);
  });

  it('of a secret that is not where it is said to be', async () => {
    await writeFile(folder.join('there'), 'x');
    const told = await run(['set auth.token --from-env NOPE --remote r', 'set auth.token --from-env TOKEN --remote r',
      'set auth.token --from-file none --remote r', 'set auth.token --from-file there --remote r',
      'set headers x-one=env:NOPE x-two=env:TOKEN x-three=file:there --remote r'], {TOKEN: 'x'});
    expect(told.map(({code, stderr}) => [code, stderr.replace(/the file .*none/, 'the file none')])).to.deep.equal([
      [0, 'jupiter prefs set: the variable NOPE is not set now; whatever uses auth.token will need it\n'], [0, ''],
      [0, 'jupiter prefs set: the file none is not there now; whatever uses auth.token will need it\n'], [0, ''],
      [0, 'jupiter prefs set: the variable NOPE is not set now; whatever uses headers will need it\n']]);
  });

  it('of taking back what was not set, and of one row', async () => {
    const told = await run(['unset --all --global', 'unset --all --remote r', 'set timeout.read 1 --remote r', 'cleanup',
      'unset --all --remote r']);
    expect(told.map(({stdout}) => stdout)).to.deep.equal(['nothing was set globally, so nothing changed\n',
      'nothing was set for r, so nothing changed\n', 'timeout.read: the value for r is set\n',
      'complete: looked at 1 row, would remove none\n', 'nothing of r is left\n']);
  });

  it('of a proxy that fails: that it is theirs', async () => {
    const hint = /^jupiter get: the proxy is that of the preferences; --no-prefs goes by none, --proxy names another$/m;
    const get = 'get http://origin.invalid/file --retries 0';
    const told = await runLines(folder.path, [`${get} --no-prefs --proxy http://127.0.0.1:9`,
      'prefs set proxy.url http://127.0.0.1:9 --global', get, `${get} --quiet`, `${get} --proxy http://127.0.0.1:9`,
      `${get} --mirror http://other.invalid/`]);
    const gets = told.filter(({line}) => line.startsWith('get'));
    expect(gets.map(({stderr}) => [stderr.includes('PROXY_FAILED') || stderr.includes('MIRRORS_EXHAUSTED'), hint.test(stderr)]))
      .to.deep.equal([[true, false], [true, true], [true, true], [true, false], [true, true]]);
  });
});
