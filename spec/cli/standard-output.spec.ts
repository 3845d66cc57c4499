import {expect} from 'chai';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, openSync, closeSync} from 'node:fs';
import {join} from 'node:path';
import {builtScript, sharedCommand} from '../chaos/built-command.js';
import {ROOT} from '../house/project.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {runTogether} from './command-lines.js';

const FACT = `{"path":"/a","kind":"complete","key":"k","digest":"${'ab'.repeat(64)}","size":1}`;
const UPSTREAM = '--importer npm --upstream http://127.0.0.1:9 --store s --port 0';

/** Every command that answers on stdout. The first one makes what the others show. */
const ANSWERING = [
  `catalogue publish app --product p --fact ${FACT}`, `catalogue publish app --json --fact ${FACT}`,
  'catalogue list', 'catalogue list --json', 'catalogue show app', 'catalogue show app --json', 'catalogue show app /a',
  'catalogue history app', 'catalogue history app --json', 'catalogue diff app 1 2', 'catalogue diff app 1 2 --json', 'catalogue changes',
  'catalogue export', 'catalogue export app', 'catalogue prune', 'catalogue token create zz', 'catalogue token list',
  'catalogue serve --open --port 0', `serve ${UPSTREAM}`,
  'prefs list --all', 'prefs inspect timeout.read', 'prefs get timeout.read', 'prefs export',
];
const ENV = {JUPITER_CATALOGUE: 'c.db'};

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

describe('StandardOutput', function suite() {
  this.timeout(60_000);
  const folder = useTempFolder();
  let server: ScriptedServer;
  beforeEach(async () => { server = (await ScriptedServer.start()).on('*', {body: 'x'}); });
  afterEach(async () => { await server.close(); });

  const start = async (command: readonly string[], stdout: number | 'unread'): Promise<Ended> => {
    const child = spawn(process.execPath, command, {
      cwd: folder.path, stdio: ['pipe', stdout === 'unread' ? 'pipe' : stdout, 'pipe'],
      env: {PATH: process.env.PATH, HOME: folder.path, TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.json'), ...ENV},
    });
    child.stdout?.destroy();
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => { stderr += text; });
    const [code] = await once(child, 'close') as [number | null];
    return {code, stderr};
  };
  /** Runs it with a full disk behind its stdout. */
  const onFullDisk = async (command: readonly string[]): Promise<Ended> => {
    const device = openSync('/dev/full', 'w');
    try {
      return await start(command, device);
    } finally {
      closeSync(device);
    }
  };
  /** Runs each line in one process. What they say, as `code stderr`. */
  const many = async (lines: readonly string[], run: (command: readonly string[]) => Promise<Ended>): Promise<string[]> => {
    const script = [builtScript('spec/cli/run-many.ts'), JSON.stringify(lines.map((line) => line.split(' '))), 'own'];
    const told = JSON.parse((await run(script)).stderr) as [number, string, string][];
    return told.map(([code, stderr]) => `${code} ${stderr}`);
  };
  /** `jupiter catalogue token create` of a line. */
  const nameOf = (line: string): string => `jupiter ${/^serve|^\w+ (?:token )?\w+/.exec(line)?.[0] ?? ''}`;

  for (const flags of [['-o', '-'], ['--json']]) {
    it(`tells get that the disk behind it is full: ${flags.join(' ')}`, async function full() {
      if (!existsSync('/dev/full')) this.skip();
      const {code, stderr} = await onFullDisk([sharedCommand(), 'get', server.url('/a'), ...flags]);
      expect(stderr.split('\n')).to.include('jupiter get: cannot write to standard output (ENOSPC)');
      expect(code).to.equal(7);
    });
  }

  it('tells every other command too, and a token that nobody saw is revoked', async function full() {
    if (!existsSync('/dev/full')) this.skip();
    const told = await many(ANSWERING, onFullDisk);
    const fault = (line: string): string => `7 ${nameOf(line)}: cannot write to standard output (ENOSPC)\n`;
    expect(told.map((text) => text.replace(/(?<=ENOSPC\)\n)jupiter catalogue token create: token \S+ is revoked, .*\n/, '')))
      .to.deep.equal(ANSWERING.map(fault));
    expect(told[ANSWERING.indexOf('catalogue token create zz')])
      .to.match(/\njupiter catalogue token create: token \S+ is revoked, as it could not be printed\n$/);
    const [tokens] = await runTogether(folder.path, ['catalogue token list'], ENV);
    expect(tokens?.lines).to.have.length(2);
    expect(tokens?.lines[1]).to.match(/ zz .* revoked /);
  });

  it('ends a command without a word when nobody reads it', async () => {
    const told = await many(ANSWERING, (command) => start(command, 'unread'));
    expect(told.map((text) => text.replace(/jupiter catalogue token create: token \S+ is revoked, .*\n/, '')))
      .to.deep.equal(ANSWERING.map(() => '7 '));
  });
});
