import {onStage, type DownloadSubject, type SourceFault, type Staged, type StageOptions} from './download-stage.js';
import * as ends from './download-ends.js';
import * as stories from './download-stories.js';
import {patterned} from './bytes.js';
import type {TestFunctions} from './test-functions.js';

const SMALL = patterned(200);
const LARGE = patterned(300_000);
const SIZES = [['an empty file', 0], ['one byte', 1], ['a few hundred bytes', 200], ['3 MiB and 17 bytes', 3 * 1024 * 1024 + 17]] as const;
const IMPATIENT: StageOptions = {still: true, download: {timeout: {read: ends.READ_LIMIT}}};

type Play = (staged: Staged, bytes: Uint8Array) => Promise<void>;

/**
 * The tests that every Download class must pass (docs/reference/downloads.md), as a group '<name> as a Download'. They
 * sleep nowhere. A source that can be `cut` or `silent` shows most.
 */
export function downloadContract({describe, it}: TestFunctions, subject: DownloadSubject): void {
  const faults = subject.faults ?? ['missing', 'cut', 'silent'];
  const test = (title: string, bytes: Uint8Array, play: Play, options?: StageOptions): void => {
    it(title, () => onStage(subject, {bytes}, (staged) => play(staged, bytes), options));
  };
  const broken = (fault: SourceFault, title: string, play: Play, options?: StageOptions): void => {
    if (faults.includes(fault)) it(title, () => onStage(subject, {bytes: LARGE, fault}, (staged) => play(staged, LARGE), options));
  };

  describe(`${subject.name} as a Download`, () => {
    for (const [name, size] of SIZES) {
      test(`brings exactly the bytes of ${name}, and tells them`, patterned(size), stories.bringsTheBytes);
    }
    test('tells the events in order', LARGE, stories.tellsInOrder);
    test('replies before the writer is opened, and closes it once, last', LARGE, stories.opensAfterTheReply);
    test('announces the right length, or none', LARGE, stories.announcesTheLength);
    test('gives every chunk away: it does not change afterwards', LARGE, stories.givesChunksAway);
    test('waits for a slow writer', LARGE, stories.waitsForTheWriter);
    test('publishes what a digest proves', LARGE, stories.publishesWhatIsProven);
    it('runs beside others in one Context', () => stories.runsBesideOthers(subject));
    test('clones itself: the same bytes once more, without handlers', SMALL, stories.clonesItself);
    test('runs once', SMALL, stories.runsOnce);

    test('publishes nothing that a digest refutes', LARGE, ends.refuted);
    test('brings no more than maxBytes', LARGE, ends.tooLarge, {download: {maxBytes: 1000}});
    test('ends at once when it is cancelled before it began', SMALL, ends.neverBegun);
    test('ends when it is cancelled in the middle', LARGE, ends.cancelled);
    test('ends when the writer fails', LARGE, ends.writerFails, {writer: {append: () => { throw new Error('the disk is full'); }}});
    test('ends when a handler throws', LARGE, ends.handlerThrows);
    it('refuses options that it does not know, by name', () => ends.unknownOption(subject));
    broken('missing', 'says that a file is missing, and opens no writer', ends.missing);
    broken('cut', 'knows a cut body from a whole one', ends.cut);
    broken('cut', 'brings the whole after a cut, when it may try again', ends.repeated, {download: {retry: undefined, retries: 1}});
    broken('silent', 'ends when it is cancelled while nothing comes', ends.cancelledInSilence);
    broken('silent', 'ends when nothing came for longer than timeout.read', ends.timedOut, IMPATIENT);
  });
}
