import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {Event} from '../core/event.js';
import {DigestValidation} from '../validation/digest-validation.js';
import {patterned} from './bytes.js';
import {onStage, setStage, type DownloadSubject, type Staged} from './download-stage.js';

/** The SHA-256 of bytes, hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** No deepEqual: a message with thousands of bytes helps nobody. */
export function sameBytes(seen: Uint8Array, wanted: Uint8Array, what: string): void {
  assert.equal(seen.byteLength, wanted.byteLength, `${what}: the number of bytes`);
  const at = seen.findIndex((byte, index) => byte !== wanted[index]);
  assert.equal(at, -1, `${what}: byte ${at} differs`);
}

/** Whatever arrives is what the source has, and the result says so. */
export async function bringsTheBytes({download, writer}: Staged, bytes: Uint8Array): Promise<void> {
  const {outcome, facts} = await download.run();
  sameBytes(writer.bytes, bytes, 'what the writer got');
  assert.equal(outcome, 'fetched');
  assert.equal(facts.size, bytes.byteLength, 'facts.size');
}

/** PREPARED, SENT, REPLIED, FETCHED…, SUCCEEDED. */
export async function tellsInOrder({download, log}: Staged, bytes: Uint8Array): Promise<void> {
  await download.run();
  const status = download.reply?.status ?? 0;
  assert.ok(status >= 200 && status < 300, `the status of a good reply: ${status}; protocols without one use 200`);
  assert.deepEqual(log.story, ['prepared', 'sent 1 @0', `replied 1 ${status}`, `fetched 1 @0+${bytes.byteLength}`, 'succeeded fetched']);
}

/** Handlers of REPLIED decide before a byte moves; nothing comes after `close`. */
export async function opensAfterTheReply({download, writer}: Staged, bytes: Uint8Array): Promise<void> {
  download.register(Event.REPLIED, () => { writer.calls.push('REPLIED'); });
  download.register(Event.SUCCEEDED, () => { writer.calls.push('SUCCEEDED'); });
  await download.run();
  assert.deepEqual(writer.story.map((call) => call.replace(/^open .*/, 'open')),
    ['prepare', 'REPLIED', 'open', `append ${bytes.byteLength}`, 'close', 'SUCCEEDED']);
}

/** A wrong announcement makes a whole body look cut, or a cut one whole. */
export async function announcesTheLength({download}: Staged, bytes: Uint8Array): Promise<void> {
  await download.run();
  const {reply} = download;
  if (reply?.framing === 'length') assert.notEqual(reply.length, undefined, 'reply.length, when its framing is \'length\'');
  if (reply?.length !== undefined) assert.equal(reply.length, bytes.byteLength, 'reply.length');
  assert.equal(reply?.offset, 0, 'reply.offset of a whole file');
}

/** Writers keep chunks without a copy, so a source that reads into one buffer again and again spoils the file. */
export async function givesChunksAway({download}: Staged, bytes: Uint8Array): Promise<void> {
  const chunks: Uint8Array[] = [];
  download.register(Event.FETCHED, ({buffer}) => { chunks.push(buffer); });
  await download.run();
  sameBytes(Buffer.concat(chunks), bytes, 'the chunks, looked at after the end');
}

/** Back pressure: the next chunk is not given before the last one was taken. */
export async function waitsForTheWriter({download, writer}: Staged, bytes: Uint8Array): Promise<void> {
  let busy = false;
  const append = writer.append.bind(writer);
  writer.append = async (chunk) => {
    assert.equal(busy, false, 'append() while the one before is under way');
    busy = true;
    await new Promise((resolve) => { setImmediate(resolve); });
    await append(chunk);
    busy = false;
  };
  await download.run();
  sameBytes(writer.bytes, bytes, 'what the writer got');
}

/** A digest of the whole accepts it, and is among the facts. */
export async function publishesWhatIsProven({download, writer}: Staged, bytes: Uint8Array): Promise<void> {
  download.append(new DigestValidation('sha256', sha256(bytes)));
  const {facts} = await download.run();
  assert.equal(facts.sha256, sha256(bytes));
  assert.equal(writer.calls.at(-1), 'close');
}

/** Several at once on one Context: each brings its own bytes. */
export async function runsBesideOthers(subject: DownloadSubject): Promise<void> {
  const bodies = [1, 2, 3].map((seed) => patterned(70_000 + seed, seed));
  const own = patterned(70_000);
  await onStage(subject, {bytes: own}, async (first) => {
    const others = await Promise.all(bodies.map(async (bytes) => ({bytes, staged: await setStage(subject, {bytes}, first.context)})));
    await Promise.all([bringsTheBytes(first, own), ...others.map(({staged, bytes}) => bringsTheBytes(staged, bytes))]);
  });
}

/** The clone has the settings, but neither the handlers nor the writer. */
export async function clonesItself({download, writer, log}: Staged, bytes: Uint8Array): Promise<void> {
  const clone = download.clone();
  await clone.run();
  sameBytes(clone.writer.content(), bytes, 'what the clone brought');
  assert.deepEqual([log.lines, writer.calls], [[], []], 'what the original was told while its clone ran');
  await download.run();
  sameBytes(writer.bytes, bytes, 'what the original brought');
}

/** A second `run` is misuse. */
export async function runsOnce({download}: Staged): Promise<void> {
  await download.run();
  await assert.rejects(() => download.run(), TypeError);
}
