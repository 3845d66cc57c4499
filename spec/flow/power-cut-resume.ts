import {createHash} from 'node:crypto';
import {Context} from '../../src/core/context.js';
import {Interrupted} from '../../src/core/errors.js';
import type {Piece, Scene} from '../../src/testing/fake-download.js';
import {TestClock} from '../../src/testing/test-clock.js';
import {patterned} from '../../src/testing/bytes.js';
import type {CrashDisk} from '../support/crash-disk.js';
import {fetchOnto, type Fetched, type Fetching} from './power-cut.js';

const CHUNK = 1000;
/** A journal is due after 5 s. */
const LONG = 6000;

/** A body in twelve chunks. */
export const BODY = patterned(12 * CHUNK - 1, 3);
/** Another version of it. */
export const OTHER_VERSION = patterned(12 * CHUNK - 1, 4);

/** A journal as it is read back. */
export interface Noted {
  readonly offset: number;
  readonly prefix: string;
  readonly etag: string | undefined;
  /** The path of its part. */
  readonly part: string;
}

/** How a run that can be continued goes. */
export interface Resuming extends Fetching {
  /** After so many bytes the source fails, for good. @default never */
  readonly fails?: number | undefined;
  /** @default 'v1' */
  readonly etag?: string | undefined;
}

/** Runs a Download that continues what is there and notes its progress after every third chunk. `bytes`: how many came. */
export async function resumeOnto(disk: CrashDisk, how: Resuming = {}): Promise<Fetched & {readonly bytes: number}> {
  const {body = BODY, fails = Infinity, etag = 'v1'} = how;
  const clock = new TestClock();
  let bytes = 0;
  const scene: Scene = (attempt) => {
    // Another version than the one that the kept bytes are of comes whole.
    const offset = attempt.resume?.ifRange === `"${etag}"` ? attempt.offset : 0;
    const chunks: Piece[] = [];
    for (let at = offset; at < Math.min(body.length, fails); at += CHUNK) {
      const chunk = body.subarray(at, at + CHUNK);
      chunks.push(chunk, () => { bytes += chunk.length; });
      if (Math.floor(at / CHUNK) % 3 === 2) chunks.push(() => clock.advance(LONG));
    }
    if (fails < body.length) chunks.push(new Interrupted('the source fails', body.length, fails));
    const status = offset > 0 ? 206 : 200;
    return {status, offset, total: body.length, length: body.length - offset, validators: {etag: `"${etag}"`}, chunks};
  };
  const context = new Context({clock});
  return {...await fetchOnto(disk, {...how, body, context, resume: true, retries: 0, script: [scene]}), bytes};
}

/** The journal on a disk, if there is one that can be read. @throws when it is not JSON: it is never seen half */
export function notedOn(disk: CrashDisk): Noted | undefined {
  const path = disk.list().find((name) => name.endsWith('.jupiter'));
  if (path === undefined) return undefined;
  const {offset, prefix, part, key} = JSON.parse(disk.content(path)?.toString() ?? '') as Noted & {key: {etag?: string}};
  return {offset, prefix, etag: key.etag, part: `${path.slice(0, path.lastIndexOf('/'))}/${part}`};
}

/** What is wrong with the journal on a disk: it must not promise bytes that are not in its part. */
export function falseJournal(disk: CrashDisk): string | undefined {
  const path = disk.list().find((name) => name.endsWith('.jupiter'));
  let noted: Noted | undefined;
  try {
    noted = notedOn(disk);
  } catch {
    return `the journal is no JSON: ${disk.content(path ?? '')?.length} B`;
  }
  const part = noted && disk.content(noted.part);
  if (noted === undefined || part === undefined) return undefined;
  const prefix = createHash('sha256').update(part.subarray(0, noted.offset)).digest('hex');
  return part.length >= noted.offset && prefix === noted.prefix ? undefined : 'the journal promises bytes that its part has not';
}

/** The same disk after a restart of the machine: the process that wrote the journal is gone. */
export function restarted(disk: CrashDisk): CrashDisk {
  return disk.changed((path, content) => {
    if (!path.includes('.jupiter')) return content;
    const text = content.toString().replace(/"started":"[^"]*"/, '"started":"long ago"');
    return Buffer.from(text);
  });
}

