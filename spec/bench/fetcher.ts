import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {basename, dirname, join} from 'node:path';
import type {Contestant} from './race.js';
import {installed} from './peers.js';

/** How a fetcher ended. */
export interface Ending {
  /** Its exit code; undefined when it was killed, by us or by its own. */
  readonly code: number | undefined;
  readonly seconds: number;
  /** Whether it took longer than it may. */
  readonly late: boolean;
  /** The last of what it told on stderr. */
  readonly text: string;
}

const ROOT = join(import.meta.dirname, '../..');
/** Nobody takes a proxy for the server on this machine. */
const ENVIRONMENT = {...process.env, no_proxy: '127.0.0.1', NO_PROXY: '127.0.0.1'};

/** Runs a fetcher until it ends; kills it (SIGKILL) when `stop` resolves or after `limit` ms. */
export async function fetchWith({command}: Contestant, limit: number, stop?: Promise<void>): Promise<Ending> {
  const [program = '', ...rest] = command;
  const began = performance.now();
  const child = spawn(program, rest, {stdio: ['ignore', 'ignore', 'pipe'], env: ENVIRONMENT});
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => { text = (text + chunk.toString()).slice(-500); });
  let late = false;
  const timer = setTimeout(() => { late = child.kill('SIGKILL'); }, limit);
  void stop?.then(() => child.kill('SIGKILL'));
  try {
    const [code] = await once(child, 'exit') as [number | null];
    return {code: code ?? undefined, seconds: (performance.now() - began) / 1000, late, text};
  } finally {
    clearTimeout(timer);
    child.stderr.destroy();
  }
}

/** Ours as a command; it keeps what it has for the next run. */
export function jupiterCommand(url: string, path: string): Contestant {
  const main = join(ROOT, 'dist/cli/main.js');
  return {name: 'jupiter get --resume', command: [process.execPath, main, 'get', '-q', '--resume', '-o', path, url]};
}

/** Ours as a library. */
export function jupiterLibrary(url: string, path: string): Contestant {
  const script = join(import.meta.dirname, 'contestants/jupiter-resume.mjs');
  return {name: 'jupiter (resume: true)', command: [process.execPath, script, url, path]};
}

/** Peers that are to go on by themselves when a connection breaks. */
export function stubbornPeers(url: string, path: string): Contestant[] {
  const curl = ['curl', '-q', '-sSf', '-C', '-', '-o', path, url];
  return present([
    {name: 'curl --retry -C -', command: [...curl, '--retry', '99', '--retry-delay', '1', '--retry-all-errors']},
    {name: 'curl -C - in a loop', command: ['bash', '-c', 'until "$@" 2>/dev/null; do sleep 0.1; done', 'loop', ...curl]},
    {name: 'aria2c -x1', command: [...aria2(path), '--max-tries=0', '--retry-wait=1', url]},
    {name: 'wget', command: ['wget', '--no-config', '-q', '--tries=0', '--waitretry=1', '-O', path, url]},
  ]);
}

/** Peers that are to go on where an earlier run of theirs was killed. */
export function resumingPeers(url: string, path: string): Contestant[] {
  return present([
    {name: 'curl -C -', command: ['curl', '-q', '-sSf', '-C', '-', '-o', path, url]},
    {name: 'aria2c -c', command: [...aria2(path), '-c', url]},
    {name: 'aria2c -c, saves each second', command: [...aria2(path), '-c', '--auto-save-interval=1', url]},
    {name: 'wget -c', command: ['wget', '--no-config', '-q', '-c', '-O', path, url]},
  ]);
}

function aria2(path: string): string[] {
  return ['aria2c', '-q', '--no-conf', '--file-allocation=none', '-x1', '-d', dirname(path), '-o', basename(path)];
}

function present(all: readonly Contestant[]): Contestant[] {
  const there = new Map([...new Set(all.map(programOf))].map((program) => [program, installed(program)]));
  return all.filter((one) => there.get(programOf(one)) === true);
}

function programOf({command}: Contestant): string {
  return command.find((word) => ['curl', 'aria2c', 'wget'].includes(word)) ?? '';
}
