import {spawnSync} from 'node:child_process';
import {writeFile} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import type {Contestant} from './race.js';
import type {BenchSite, Item} from './site.js';

const script = (name: string): string => join(import.meta.dirname, 'contestants', name);

/** Ours, at a durability. */
export function jupiter(list: string, durability: string): Contestant {
  return {name: `jupiter (${durability})`, command: [process.execPath, script('jupiter.mjs'), list, durability]};
}

/** Those peers that are installed, given the same work. */
export async function peers(site: BenchSite, items: readonly Item[], list: string): Promise<Contestant[]> {
  const found: Contestant[] = [];
  if (installed('aria2c')) found.push(await aria2(site, items));
  if (installed('curl') && installed('sha256sum')) found.push(await curl(site, items));
  found.push({name: 'got script', command: [process.execPath, script('got-script.mjs'), list]});
  return found;
}

/** Whether a peer is there; tells when not. */
export function installed(program: string): boolean {
  const there = spawnSync(program, ['--version'], {stdio: 'ignore'}).error === undefined;
  if (!there) console.log(`${program} is not installed: left out`);
  return there;
}

async function aria2(site: BenchSite, items: readonly Item[]): Promise<Contestant> {
  const input = join(site.folder, 'aria2.txt');
  await writeFile(input, items.map(({url, path, sha256}) =>
    `${url}\n dir=${dirname(path)}\n out=${basename(path)}\n checksum=sha-256=${sha256}\n`).join(''));
  return {name: 'aria2c', command: ['aria2c', '-q', '-j16', '-x1', '--file-allocation=none', '--no-conf', '-i', input]};
}

async function curl(site: BenchSite, items: readonly Item[]): Promise<Contestant> {
  const config = join(site.folder, 'curl.txt');
  const sums = join(site.folder, 'sums.txt');
  await writeFile(config, items.map(({url, path}) => `url = "${url}"\noutput = "${path}"\n`).join(''));
  await writeFile(sums, items.map(({path, sha256}) => `${sha256}  ${path}\n`).join(''));
  return {name: 'curl, sha256sum', command: ['bash', '-c', 'curl -sfZ --parallel-max 16 -K "$0" && sha256sum --quiet -c "$1"', config, sums]};
}
