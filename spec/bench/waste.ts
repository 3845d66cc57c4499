import {createHash, randomBytes} from 'node:crypto';
import {existsSync} from 'node:fs';
import {mkdir, mkdtemp, readFile, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {SeededRandom} from '../support/seeded-random.js';
import {MIB, type BenchSettings} from './bench-settings.js';
import {fetchWith, jupiterCommand, jupiterLibrary, resumingPeers, stubbornPeers, type Ending} from './fetcher.js';
import type {Contestant} from './race.js';
import {roomyFolder} from './site.js';
import {WasteServer, type Serving} from './waste-server.js';

/** Where all of it happens. */
interface Ground {
  readonly server: WasteServer;
  readonly path: string;
  readonly size: number;
  readonly seed: number;
}

const KILLS = 5;
const RATE = 60 * MIB;
/** What a contestant gets beside the time that the bytes take, ms. */
const PATIENCE = 60_000;
/** Old enough for a date to be a strong validator. */
const MODIFIED = new Date('2020-01-01T00:00:00Z');

/** The part `waste`: bytes fetched again after cuts and kills, and who joins two versions of a file. */
export async function waste({wasteMebibytes, seed}: BenchSettings): Promise<void> {
  const size = wasteMebibytes * MIB;
  const folder = await mkdtemp(join(await roomyFolder(3 * size), 'jupiter-bench-'));
  const server = await WasteServer.start();
  const ground: Ground = {server, path: join(folder, 'out', 'file.bin'), size, seed};
  try {
    await cuts(ground);
    await kills(ground);
    await change(ground);
  } finally {
    await server.close();
    await rm(folder, {recursive: true, force: true});
  }
}

async function cuts(ground: Ground): Promise<void> {
  const {server, path, size, seed} = ground;
  console.log(`\nwaste, within a run: ${size / MIB} MiB, no digest given, each connection cut after 10 to 60 MiB (seed ${seed})`);
  const body = randomBytes(size);
  for (const contestant of [jupiterLibrary(server.url, path), ...stubbornPeers(server.url, path)]) {
    await emptyFolder(path);
    const random = new SeededRandom(seed);
    server.offer({body, etag: 'one', modified: MODIFIED, cut: () => random.between(10 * MIB, 60 * MIB)});
    show(contestant, ground, await fetchWith(contestant, PATIENCE), await outcome(path, {new: body}));
  }
}

async function kills(ground: Ground): Promise<void> {
  const {server, path, size, seed} = ground;
  const random = new SeededRandom(seed);
  const marks = Array.from({length: KILLS}, (_, at) => Math.floor(size * (0.05 + 0.9 * (at + random.next()) / KILLS)));
  console.log(`\nwaste, across kill -9: ${size / MIB} MiB at ${RATE / MIB} MiB/s, no digest given, killed at `
    + `${marks.map((mark) => Math.round(mark / MIB)).join(', ')} MiB (seed ${seed}), then left alone`);
  const body = randomBytes(size);
  for (const contestant of [jupiterCommand(server.url, path), ...resumingPeers(server.url, path)]) {
    await emptyFolder(path);
    server.offer({body, etag: 'one', modified: MODIFIED, rate: RATE});
    let ending: Ending | undefined;
    for (const mark of marks) {
      ending = await fetchWith(contestant, PATIENCE, server.reach(mark));
      if (ending.code !== undefined || ending.late) break;
    }
    if (ending === undefined || (ending.code === undefined && !ending.late)) ending = await fetchWith(contestant, PATIENCE);
    show(contestant, ground, ending, await outcome(path, {new: body}));
  }
}

async function change(ground: Ground): Promise<void> {
  const {server, path, size, seed} = ground;
  const mark = Math.floor(size * (0.55 + 0.3 * new SeededRandom(seed).next()));
  console.log('\nthe file changed between two runs: other bytes, other ETag, same size; '
    + `the first run was killed at ${Math.round(mark / MIB)} of ${size / MIB} MiB`);
  const [old, other] = [randomBytes(size), randomBytes(size)];
  const serving: Serving = {body: old, etag: 'one', modified: MODIFIED, rate: RATE};
  for (const contestant of [jupiterCommand(server.url, path), ...resumingPeers(server.url, path)]) {
    await emptyFolder(path);
    server.offer(serving);
    await fetchWith(contestant, PATIENCE, server.reach(mark));
    server.offer({...serving, body: other, etag: 'two', modified: new Date(MODIFIED.getTime() + 86_400_000)});
    const ending = await fetchWith(contestant, PATIENCE);
    const found = await outcome(path, {new: other, old});
    const lied = ending.code === 0 && found !== 'the new file';
    console.log(`${contestant.name.padEnd(29)} ${endText(ending)}, ${found}${lied ? ' AND CALLS IT A SUCCESS' : ''}`);
  }
}

function show({name}: Contestant, {server, size}: Ground, ending: Ending, found: string): void {
  const share = (bytes: number): string => `${(100 * bytes / size).toFixed(1)} %`;
  const again = ending.code === 0 ? `${share(server.sent - size)} fetched again` : `${share(server.sent)} sent in vain`;
  console.log(`${name.padEnd(29)} ${again.padStart(23)} in ${String(server.answers).padStart(3)} answers; ${endText(ending)}, ${found}`);
}

function endText({code, late, text}: Ending): string {
  if (late) return `did not end in ${PATIENCE / 1000} s`;
  const why = code === 0 ? '' : ` (${text.trim().split('\n').at(-1)?.slice(0, 120) ?? ''})`;
  return code === undefined ? 'was killed' : `exit code ${code}${why}`;
}

/** What is under the name. */
async function outcome(path: string, versions: {readonly new: Buffer; readonly old?: Buffer}): Promise<string> {
  if (!existsSync(path)) return 'no file';
  const bytes = await readFile(path);
  if (bytes.length < versions.new.length) return 'an incomplete file under the name';
  const sum = sha256(bytes);
  if (sum === sha256(versions.new)) return versions.old === undefined ? 'right sha256' : 'the new file';
  return versions.old !== undefined && sum === sha256(versions.old) ? 'the old file' : 'WRONG BYTES under the name';
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function emptyFolder(path: string): Promise<void> {
  await rm(join(path, '..'), {recursive: true, force: true});
  await mkdir(join(path, '..'));
}
