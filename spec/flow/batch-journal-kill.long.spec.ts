import {expect} from 'chai';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {ScriptedServer, type RecordedRequest} from '../../src/testing/scripted-server.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {sharedCommand} from '../chaos/built-command.js';
import {SeededRandom} from '../support/seeded-random.js';

const SEED = 90_210;
const ITEMS = 60;
const KILLS = 5;
const BACKLOG = 4;

describe('a batch with a journal that is killed', function suite() {
  this.timeout(60_000);
  const folder = useTempFolder();
  let server: ScriptedServer;
  beforeEach(async () => {
    server = await ScriptedServer.start();
    server.on('*', ({path}: RecordedRequest) => ({body: bodyOf(path), delayMs: 15}));
    await folder.write('list', Array.from({length: ITEMS}, (_, at) => `${server.url(`/f${at}`)}\n`).join(''));
  });
  afterEach(async () => { await server.close(); });

  const bodyOf = (path: string): string => `${path} `.repeat(50);

  /** Starts the batch; it is killed once the server was asked so often. @returns the exit code, or null */
  async function run(flags: readonly string[], killAfter = Infinity): Promise<number | null> {
    const asked = server.requests.length;
    const args = ['batch', 'list', '-d', 'pool', '--exists', 'replace', '--backlog', String(BACKLOG), '-q', ...flags];
    const child = spawn(process.execPath, [sharedCommand(), ...args], {cwd: folder.path, stdio: ['ignore', 'ignore', 'inherit']});
    const closed = once(child, 'close') as Promise<[number | null]>;
    if (killAfter < Infinity) {
      await Promise.race([server.when(() => server.requests.length >= asked + killAfter), closed]);
      child.kill('SIGKILL');
    }
    return (await closed)[0];
  }

  /** Kills the batch again and again, then lets it end. @returns how often the server was asked too much, and how many kills hit */
  async function story(flags: readonly string[]): Promise<{again: number; killed: number}> {
    const random = new SeededRandom(SEED);
    let killed = 0;
    for (let kill = 0; kill < KILLS; kill++) if (await run(flags, random.between(3, 14)) === null) killed++;
    expect(await run(flags)).to.equal(0);
    for (let at = 0; at < ITEMS; at++) expect((await folder.read(`pool/f${at}`)).toString(), `f${at}`).to.equal(bodyOf(`/f${at}`));
    return {again: server.requests.length - ITEMS, killed};
  }

  it('does each item once, but for those that were under way', async () => {
    const {again, killed} = await story(['--journal', 'done.jsonl']);
    expect(killed).to.equal(KILLS);
    expect(again).to.be.at.most(KILLS * BACKLOG);
    expect((await folder.list()).filter((name) => name.startsWith('done'))).to.deep.equal(['done.jsonl']);
    const asked = server.requests.length;
    expect(await run(['--journal', 'done.jsonl'])).to.equal(0);
    expect(server.requests).to.have.length(asked);
  });

  it('the check itself would catch a batch that keeps no journal', async () => {
    expect((await story([])).again).to.be.above(KILLS * BACKLOG);
  });
});
