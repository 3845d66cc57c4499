import assert from 'node:assert/strict';
import {performance} from 'node:perf_hooks';
import {Context} from '../core/context.js';
import type {Download} from '../download/download.js';
import type {DownloadOptions} from '../download/download-options.js';
import {noRetry} from '../policy/retry-policy.js';
import {EventLog} from './event-log.js';
import {RecordingWriter, type RecordingWriterOptions} from './recording-writer.js';
import {TestClock} from './test-clock.js';

/**
 * What is wrong with a source. `missing`: there is no such file. `cut`: the first answer breaks off in the middle of the
 * bytes, as when a line breaks; later ones are whole. `silent`: the first answer sends half of the bytes and then
 * nothing, and does not end.
 */
export type SourceFault = 'missing' | 'cut' | 'silent';

/** What a download under test is to find at its URL. */
export interface TestSource {
  readonly bytes: Uint8Array;
  /** @default nothing is wrong */
  readonly fault?: SourceFault | undefined;
}

/** A Download class under test. */
export interface DownloadSubject {
  readonly name: string;
  /** Sets up such a source, and makes a download of it with these options and the source's URL. */
  make(source: TestSource, options: Omit<DownloadOptions, 'url'>): Download | Promise<Download>;
  /** The faults that a source can be given; tests with others are left out. @default all of them */
  readonly faults?: readonly SourceFault[] | undefined;
  /**
   * What downloads still hold that are over, and whose Context is closed: sockets, descriptors, bodies. It is asked again
   * until it says nothing, for as long as `patience`. @default not looked at
   */
  leftovers?(): readonly string[] | Promise<readonly string[]>;
  /** Milliseconds. @default 1000 */
  readonly patience?: number | undefined;
}

/** How a test sets the stage. */
export interface StageOptions {
  readonly writer?: RecordingWriterOptions | undefined;
  readonly download?: Partial<DownloadOptions> | undefined;
  /** `true`: the clock stands still until the test moves it. @default every wait is over at once */
  readonly still?: boolean | undefined;
}

/** One download of a subject, with all that watches it. */
export interface Staged {
  readonly download: Download;
  readonly writer: RecordingWriter;
  readonly log: EventLog;
  readonly context: Context;
  /** The Context's clock. */
  readonly clock: TestClock;
}

const PATIENCE = 1000;

/** Lets a test play on a stage of its own, which is cleared afterwards. @throws AssertionError when something stays */
export async function onStage(
  subject: DownloadSubject, source: TestSource, play: (staged: Staged) => Promise<void>, options: StageOptions = {},
): Promise<void> {
  const context = new Context({clock: new TestClock({autoAdvance: options.still !== true})});
  try {
    await play(await setStage(subject, source, context, options));
  } finally {
    await context.close();
  }
  await nothingLeft(subject);
}

/** Makes a download of a source, and all that watches it. */
export async function setStage(
  subject: DownloadSubject, source: TestSource, context: Context, options: StageOptions = {},
): Promise<Staged> {
  const writer = new RecordingWriter(options.writer);
  const download = await subject.make(source, {context, writer, retry: noRetry(), ...options.download});
  return {download, writer, log: new EventLog(download), context, clock: context.clock as TestClock};
}

async function nothingLeft(subject: DownloadSubject): Promise<void> {
  const end = performance.now() + (subject.patience ?? PATIENCE);
  let left = await subject.leftovers?.() ?? [];
  while (left.length > 0 && performance.now() < end) {
    await new Promise((resolve) => { setImmediate(resolve); });
    left = await subject.leftovers?.() ?? [];
  }
  assert.deepEqual(left, [], 'leftovers');
}
