import {createHash} from 'node:crypto';
import {Context} from '../../src/core/context.js';
import type {Durability} from '../../src/core/contract.js';
import type {Disk} from '../../src/core/disk.js';
import type {DownloadError} from '../../src/core/errors.js';
import {DownloadEvent} from '../../src/index.js';
import type {DownloadResult} from '../../src/download/result.js';
import {FakeDownload, type Scene} from '../../src/testing/fake-download.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {FileWriter} from '../../src/writer/file-writer.js';
import type {ExistsPolicy} from '../../src/writer/publish.js';
import {patterned} from '../../src/testing/bytes.js';
import {CrashDisk} from '../support/crash-disk.js';

const CHUNK = 64 * 1024;

/** What stands under the name before. */
export const OLD = Buffer.from('the old file, whole');
/** A body that stays in memory until it is complete. */
export const SMALL = patterned(5000, 1);
/** A body of three pieces, which goes through the part. */
export const LARGE = patterned(2 * 1024 * 1024 + 4321, 2);

/** A body in chunks, as it comes from a socket. */
export function chunksOf(body: Buffer): Buffer[] {
  return Array.from({length: Math.ceil(body.length / CHUNK)}, (_, at) => body.subarray(at * CHUNK, (at + 1) * CHUNK));
}

/** A disk with a folder, a file beside the target, and perhaps the target. */
export function diskWith(old?: Buffer): CrashDisk {
  return new CrashDisk({'/d': undefined, '/d/other': 'a file beside it', ...old && {'/d/f': old}});
}

/** How a file is fetched. */
export interface Fetching {
  readonly path?: string | undefined;
  readonly body?: Buffer | undefined;
  /** @default the body, in one answer */
  readonly script?: readonly Scene[] | undefined;
  readonly durability?: Durability | undefined;
  readonly exists?: ExistsPolicy | undefined;
  readonly context?: Context | undefined;
  readonly resume?: boolean | undefined;
  readonly retries?: number | undefined;
  /** @default the one that is fetched onto */
  readonly through?: Disk | undefined;
}

/** What a run came to. */
export interface Fetched {
  readonly result: DownloadResult | undefined;
  readonly error: DownloadError | undefined;
  /** The steps of the disk when SUCCEEDED or FAILED was told. */
  readonly steps: number;
}

/** Runs a whole Download onto a disk. */
export async function fetchOnto(disk: CrashDisk, how: Fetching = {}): Promise<Fetched> {
  const {path = '/d/f', body = SMALL, durability, exists, context = new Context(), through = disk} = how;
  const download = new FakeDownload({
    script: how.script ?? [chunksOf(body)], context, retries: how.retries,
    writer: new FileWriter(path, {disk: through, durability, exists, resume: how.resume}),
  });
  download.append(new DigestValidation('sha256', createHash('sha256').update(body).digest('hex')));
  let steps = 0;
  for (const end of [DownloadEvent.SUCCEEDED, DownloadEvent.FAILED]) download.register(end, () => { steps = disk.steps; });
  try {
    return {result: await download.run(), error: undefined, steps};
  } catch (error) {
    return {result: undefined, error: error as DownloadError, steps};
  }
}
