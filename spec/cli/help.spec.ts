import {expect} from 'chai';
import {exitCodesText} from '../../src/cli/exit-codes.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {runTogether} from './command-lines.js';

/** The names of the commands in a help. */
function commandsIn(help: string): string[] {
  const [, list = ''] = /^Commands:\n((?: .*\n)+)/m.exec(help) ?? [];
  return [...list.matchAll(/^ {2}([a-z]+)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
}

describe('the help of jupiter', function suite() {
  this.timeout(60_000);
  const folder = useTempFolder();
  /** Path → help, of every command. */
  let helps: ReadonlyMap<string, string>;
  before(async () => {
    const known = new Map<string, string>();
    for (let paths = ['']; paths.length > 0;) {
      const told = await runTogether('/', paths.map((path) => `${path} --help`));
      for (const [at, {stdout}] of told.entries()) known.set(paths[at] ?? '', stdout);
      paths = paths.flatMap((path) => commandsIn(known.get(path) ?? '').map((name) => `${path} ${name}`.trim()));
    }
    helps = known;
  });
  const of = (path: string): string => helps.get(path) ?? '';
  const flat = (path: string): string => of(path).replace(/\s+/g, ' ');

  it('fits 80 columns where there is no terminal, whatever the command', () => {
    expect([...helps.keys()]).to.include.members(['', 'get', 'batch', 'serve', 'prefs set', 'catalogue token create']);
    expect([...helps].flatMap(([path, text]) => text.split('\n').filter((line) => line.length > 80).map((line) => [path, line])))
      .to.deep.equal([]);
  });

  it('breaks no line before it is full', () => {
    for (const [path, text] of helps) {
      const lines = text.split('\n');
      for (const [at, line] of lines.entries()) {
        const next = /^ {7,}(\S+)/.exec(lines[at + 1] ?? '')?.[1];
        // What goes on below could have had a word more of the next line, where there was room.
        if (next !== undefined && /^ {2}/.test(line)) expect(line.length + 1 + next.length, `${path}: ${line}`).to.be.above(80);
      }
    }
  });

  it('says what holds without an option, in words', () => {
    for (const [path, text] of helps) expect(text, path).to.not.contain('[]').and.not.contain('repeated (default: any) (default');
    for (const path of ['get', 'batch']) {
      expect(flat(path)).to.match(/--segments <N> [^(]+at most 64 \(default: 1\)/)
        .and.match(/--max-size <SIZE> [^(]+\(default: no limit\)/).and.match(/0 = no limit \(default: no limit\) --receipt/);
    }
    expect(flat('serve').match(/ \(required\)/g)?.length).to.equal(3);
    expect(flat('serve')).to.contain('--user <NAME[:PASSWORD]>').and.match(/--allow-host <HOST> [^(]+\(default: any\)/);
    expect(flat('catalogue token create')).to.match(/--scope <SCOPE> [^(]+\(default: publish\)/);
    expect(flat('prefs cleanup').match(/may be repeated \(default: none\)/g)?.length).to.equal(5);
  });

  it('has the exit codes below jupiter and its commands, and below theirs where they are', () => {
    for (const [path, text] of helps) {
      const [top = '', ...inner] = path.split(' ');
      expect(text, path).to.contain(inner.length === 0 ? exitCodesText(80) : `\nExit codes: jupiter ${top} --help tells them.\n`);
    }
  });

  it('of what is about everybody\'s preferences has no owner, and none is taken', async () => {
    const owners = [...helps].filter(([path, text]) => path.startsWith('prefs ') && text.includes('--owner')).map(([path]) => path);
    expect(owners).to.have.members(['prefs get', 'prefs inspect', 'prefs list', 'prefs set', 'prefs unset']);
    const [told] = await runTogether(folder.path, ['prefs export --owner elmer']);
    expect([told?.code, told?.stderr.startsWith('jupiter: unknown option \'--owner\'')]).to.deep.equal([2, true]);
  });
});
