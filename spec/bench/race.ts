import {spawn} from 'node:child_process';
import {once} from 'node:events';
import type {BenchSite} from './site.js';

/** Who runs: a command line that fetches everything. */
export interface Contestant {
  readonly name: string;
  readonly command: readonly string[];
}

/** What one run took, seconds. */
export interface Run {
  readonly wall: number;
  readonly cpu: number;
}

/** Ours beside a peer: medians of the pairs. */
export interface Pairing {
  readonly ours: string;
  readonly peer: string;
  readonly wall: Run;
  readonly peerWall: Run;
  /** How many times as fast ours is, by the clock; the median of the ratios of each pair. */
  readonly speed: number;
  /** The same by CPU seconds. */
  readonly cpu: number;
}

/** Runs a command and measures it; throws when it fails or did not deliver. */
export async function run(site: BenchSite, contestant: Contestant, expected: number): Promise<Run> {
  await site.empty();
  const [program = '', ...rest] = contestant.command;
  const child = spawn('bash', ['-c', 'TIMEFORMAT="%R %U %S"; time "$0" "$@"', program, ...rest], {stdio: ['ignore', 'ignore', 'pipe']});
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => { text += chunk.toString(); });
  const [code] = await once(child, 'close') as [number | null];
  const times = text.trim().split('\n').at(-1)?.split(' ').map(Number);
  const delivered = await site.delivered();
  if (code !== 0 || times?.length !== 3 || delivered !== expected) {
    throw new Error(`${contestant.name} ended with ${code ?? 'a signal'} and delivered ${delivered} of ${expected}: ${text.slice(-300)}`);
  }
  const [wall = 0, user = 0, system = 0] = times;
  return {wall, cpu: user + system};
}

/** Ours and a peer in turn, `pairs` times, each into an empty folder. */
export async function pair(site: BenchSite, ours: Contestant, peer: Contestant, expected: number, pairs: number): Promise<Pairing> {
  return pairing(ours.name, peer.name, () => run(site, ours, expected), () => run(site, peer, expected), pairs);
}

/** Two in turn, `pairs` times; ratios are taken pair by pair, so that what else the machine does hits both. */
export async function pairing(
  ours: string, peer: string, runOurs: () => Promise<Run>, runPeer: () => Promise<Run>, pairs: number,
): Promise<Pairing> {
  const runs: [Run, Run][] = [];
  for (let at = 0; at < pairs; at++) {
    const first = at % 2 === 0;
    const one = await (first ? runOurs : runPeer)();
    const other = await (first ? runPeer : runOurs)();
    runs.push(first ? [one, other] : [other, one]);
  }
  const middle = (of: (pair: [Run, Run]) => number): number => median(runs.map(of));
  return {
    ours, peer,
    wall: {wall: middle(([mine]) => mine.wall), cpu: middle(([mine]) => mine.cpu)},
    peerWall: {wall: middle(([, theirs]) => theirs.wall), cpu: middle(([, theirs]) => theirs.cpu)},
    speed: middle(([mine, theirs]) => theirs.wall / mine.wall),
    cpu: middle(([mine, theirs]) => theirs.cpu / mine.cpu),
  };
}

/** The one in the middle, or the mean of the two there. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half] as number : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
}
