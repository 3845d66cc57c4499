import assert from 'node:assert/strict';
import {
  Cancelled, DigestMismatch, DownloadFailed, HandlerError, NotFound, TimedOut, TooLarge, type DownloadError,
} from '../core/errors.js';
import {Event} from '../core/event.js';
import type {DownloadOptions} from '../download/download-options.js';
import {DigestValidation} from '../validation/digest-validation.js';
import {patterned} from './bytes.js';
import {onStage, type DownloadSubject, type Staged} from './download-stage.js';
import {sameBytes, sha256} from './download-stories.js';
import {faultOf} from './fault-of.js';

type ErrorClass = abstract new (...given: never[]) => Error;

/** How long nothing may come in `timedOut`, ms. */
export const READ_LIMIT = 5000;

/** Nothing is published when the bytes are not those that were wanted. */
export async function refuted(staged: Staged): Promise<void> {
  staged.download.append(new DigestValidation('sha256', sha256(Buffer.from('other bytes'))));
  await fails(staged, DigestMismatch, staged.download.run());
}

/** More than the caller allowed is refused, announced or not. */
export async function tooLarge(staged: Staged): Promise<void> {
  await fails(staged, TooLarge, staged.download.run());
  assert.ok(staged.writer.bytes.length <= 1000, 'the writer got more than maxBytes');
}

/** Nothing is asked; FAILED is the only event. */
export async function neverBegun(staged: Staged): Promise<void> {
  await fails(staged, Cancelled, staged.download.run(AbortSignal.abort()));
  assert.deepEqual(staged.log.story, ['failed CANCELLED']);
}

/** A cancel while bytes come. */
export async function cancelled(staged: Staged): Promise<void> {
  const controller = new AbortController();
  staged.download.register(Event.FETCHED, () => { controller.abort(); });
  await fails(staged, Cancelled, staged.download.run(controller.signal));
}

/** A full disk is a fault of this machine: no other source is asked. */
export async function writerFails(staged: Staged): Promise<void> {
  const error = await fails(staged, Error, staged.download.run());
  assert.equal(error.class, 'local', 'the class of the fault');
}

/** A handler that throws fails the run. */
export async function handlerThrows(staged: Staged): Promise<void> {
  staged.download.register(Event.FETCHED, () => { throw new Error('a mistake of the caller'); });
  await fails(staged, HandlerError, staged.download.run());
}

/** Misspelt options are misuse, at construction. */
export async function unknownOption(subject: DownloadSubject): Promise<void> {
  const bytes = patterned(10);
  await assert.rejects(() => onStage(subject, {bytes}, async () => undefined, {download: {mispelt: true} as Partial<DownloadOptions>}),
    (error) => error instanceof TypeError && error.message.includes('mispelt'), 'expected a TypeError that names the option');
}

/** A mirror may have it, so its class is that of a bad source. */
export async function missing(staged: Staged): Promise<void> {
  const error = await fails(staged, NotFound, staged.download.run());
  assert.equal(error.class, 'source-bad', 'the class of the fault');
  assert.ok(!staged.writer.calls.some((call) => call.startsWith('open')), 'the writer was opened');
}

/** Never taken for a whole one; the same source may be asked again. */
export async function cut(staged: Staged): Promise<void> {
  const error = await fails(staged, DownloadFailed, staged.download.run());
  assert.equal(error.class, 'transient', `the class of the fault ${error.code}`);
}

/** Whether it goes on or begins again is its own affair. */
export async function repeated({download, writer, log}: Staged, bytes: Uint8Array): Promise<void> {
  const {attempts, facts} = await download.run();
  sameBytes(writer.bytes, bytes, 'what the writer got');
  assert.equal(facts.size, bytes.byteLength, 'facts.size');
  assert.equal(attempts.length, 2, 'the number of attempts');
  assert.deepEqual([log.of('error').length, log.story.at(-1)], [1, 'succeeded fetched']);
}

/** A cancel must not wait for the source. */
export async function cancelledInSilence(staged: Staged): Promise<void> {
  const controller = new AbortController();
  const run = staged.download.run(controller.signal);
  run.catch(() => undefined);
  await firstBytes(staged, run);
  controller.abort();
  await fails(staged, Cancelled, run);
}

/** The time limits are the framework's; the source has to give up when its attempt's signal aborts. */
export async function timedOut(staged: Staged): Promise<void> {
  const run = staged.download.run();
  run.catch(() => undefined);
  await firstBytes(staged, run);
  let over = false;
  void run.finally(() => { over = true; }).catch(() => undefined);
  for (let waited = 0; !over && waited < 100 * READ_LIMIT; waited += READ_LIMIT) await staged.clock.advance(READ_LIMIT);
  const error = await fails(staged, TimedOut, run);
  assert.equal((error as TimedOut).phase, 'read');
}

/** Waits until half of the bytes are there, and the source is silent. @throws what the run ends with before that */
async function firstBytes({download, writer}: Staged, run: Promise<unknown>): Promise<void> {
  await Promise.race([run, new Promise<void>((resolve) => { download.register(Event.FETCHED, () => { resolve(); }); })]);
  assert.ok(!writer.calls.includes('close'), 'a source that is silent in the middle was taken for whole');
}

/** The run fails so, says so last, and has published nothing. */
async function fails({writer, log}: Staged, kind: ErrorClass, run: Promise<unknown>): Promise<DownloadError> {
  const error = await faultOf(run);
  assert.ok(error instanceof kind, error);
  assert.equal(log.story.at(-1), `failed ${error.code}`, 'the last event');
  assert.ok(!writer.calls.includes('close'), 'the writer was closed, which publishes');
  return error;
}
