import {readdir, readFile} from 'node:fs/promises';
import {createHash} from 'node:crypto';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {patterned} from '../../src/testing/bytes.js';
import {fileAnswer, type FileAnswerOptions} from '../../src/testing/file-answer.js';
import type {SeededRandom} from '../support/seeded-random.js';
import type {Serving, ServingStage} from './serving.js';
import {CLIENTS, type Verdict} from './verdicts.js';

/** A client that was under way. */
export interface Walked extends Verdict {
  readonly client: keyof typeof CLIENTS;
  readonly name: string;
  /** Whether it holds the very bytes. */
  readonly right: boolean;
}

/** Files of an upstream by name. */
export type Files = ReadonlyMap<string, Buffer>;

const CONTENTS = '/content-v1/sha256/';
/** Half of them cost no process. */
const CROWD = ['curl', 'node', 'wget', 'node', 'curl of HTTP/1.0', 'node'] as const;

/** Files of these sizes, each with bytes of its own, that come as `how` says. */
export function offer(stage: ServingStage, sizes: readonly number[], how: (name: string) => FileAnswerOptions): Files {
  const files = new Map(sizes.map((size, at) => [`file-${at}`, patterned(size, at + 1)]));
  for (const [name, content] of files) stage.upstream.on(`/base/${name}`, fileAnswer(content, how(name)));
  return files;
}

/**
 * Lets so many clients ask for files, by turns; some for the same. The first file is not for HTTP/1.0: where it has no
 * length, a process that is killed ends it in the way in which it would end well. `query`: makes other addresses of them.
 */
export function walk(
  serving: Serving, stage: ServingStage, files: Files, count: number, random: SeededRandom, query = '',
): Promise<Walked>[] {
  const known = [...files];
  return Array.from({length: count}, async (_, at) => {
    const client = CROWD[at % CROWD.length] as keyof typeof CLIENTS;
    const [name, content] = random.pick(client === 'curl of HTTP/1.0' ? known.slice(1) : known);
    const verdict = await CLIENTS[client](stage.folder.path, `${serving.url}/${name}?${query}`);
    return {...verdict, client, name, right: verdict.body.equals(content)};
  });
}

/** Waits until so many replies are open. @throws Error after 20 s */
export async function busy(serving: Serving, count: number): Promise<void> {
  for (const end = performance.now() + 20_000; performance.now() < end;) {
    if (await serving.gauge('open_replies') > count) return;
    await sleep(5);
  }
  throw new Error(`expected ${count} open replies`);
}

/** Those who were told that all went well, and hold something else. */
export function deceived(all: readonly Walked[]): string[] {
  return all.filter(({well, right}) => well && !right).map(({client, name, body}) => `${client}: ${name}, ${body.length} bytes`);
}

/** Those who don't hold the very bytes, or were not told that all went well. */
export function failed(all: readonly Walked[]): string[] {
  return all.filter(({well, right}) => !well || !right).map(({client, name, told}) => `${client}: ${name}, ${told}`);
}

/** What a store of a process that is gone holds. */
export interface StoreState {
  /** Contents whose digest is not what their name says. */
  readonly damaged: readonly string[];
  readonly contents: number;
  /** Temporary files, with their paths. */
  readonly leftovers: readonly string[];
}

/** Looks through a store. */
export async function inspectStore(folder: string): Promise<StoreState> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true}).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length));
  const contents = files.filter((path) => path.startsWith(CONTENTS));
  const damaged: string[] = [];
  for (const path of contents) {
    const hex = path.slice(CONTENTS.length).replaceAll('/', '');
    if (createHash('sha256').update(await readFile(join(folder, path))).digest('hex') !== hex) damaged.push(path);
  }
  const leftovers = files.filter((path) => path.startsWith('/tmp/') || path.endsWith('.part')).map((path) => join(folder, path));
  return {damaged, contents: contents.length, leftovers};
}
