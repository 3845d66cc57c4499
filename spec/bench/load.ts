import {execFile} from 'node:child_process';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import type {CacheServer} from './cache-server.js';
import type {Run} from './race.js';
import type {Item} from './site.js';

/** What is asked of a server. */
export interface Load {
  readonly items: readonly Item[];
  /** Bytes of each. */
  readonly size: number;
  readonly connections: number;
  /** One item after the other, from the first again after the last. */
  readonly requests: number;
  /** So many bodies more are held against their sha256, untimed. */
  readonly sample: number;
}

const SCRIPT = join(import.meta.dirname, 'contestants/load.mjs');
const run = promisify(execFile);

/**
 * Asks a server for all of it, from a process of its own; throws when an answer is not the file. CPU is the server's, the
 * sample included.
 *
 * @param list a file to write what is asked for into
 */
export async function load(server: CacheServer, {items, size, connections, requests, sample}: Load, list: string): Promise<Run> {
  const wanted = items.map(({url, sha256}) => ({url: server.origin + new URL(url).pathname, sha256, size}));
  await writeFile(list, JSON.stringify(wanted));
  const before = server.cpu;
  const {stdout} = await run(process.execPath, [SCRIPT, list, ...[connections, requests, sample].map(String)]);
  const {seconds} = JSON.parse(stdout) as {seconds: number};
  return {wall: seconds, cpu: server.cpu - before};
}
