import assert from 'node:assert/strict';
import type {Validation} from '../core/contract.js';
import {ValidationError} from '../core/errors.js';
import {patterned, split} from './bytes.js';
import type {TestFunctions} from './test-functions.js';
import {beginSequence, judge, verdict} from './validation-calls.js';

/** What the suite needs of an implementation. */
export interface ValidationSubject {
  readonly name: string;
  /** A validation that accepts these bytes. */
  make(bytes: Uint8Array, options?: {enforced?: boolean}): Validation;
  /** Bodies that it is to be made for. @default a line of text, one byte, 300 bytes, an empty file */
  readonly accepted?: readonly Uint8Array[] | undefined;
  /**
   * Bodies that a validation made for `bytes` must refuse. One with `proof: 'size'` must also refuse a byte less and a
   * byte more, one with `proof: 'digest'` any flipped bit besides; without a proof this is needed.
   */
  refused?(bytes: Uint8Array): readonly Uint8Array[];
}

const ACCEPTED = [Buffer.from('the quick brown fox jumps over the lazy dog'), Buffer.from('x'), patterned(300), Buffer.alloc(0)];
const STEPS = [1, 2, 7, 64, Infinity];

/** The tests that every Validation must pass (docs/reference/validations.md), as a group '<name> as a Validation'. */
export function validationContract({describe, it}: TestFunctions, subject: ValidationSubject): void {
  const bodies = subject.accepted ?? ACCEPTED;
  const good = bodies[0] ?? Buffer.alloc(0);

  describe(`${subject.name} as a Validation`, () => {
    it('accepts the bytes that it was made for, however they are cut into chunks', async () => {
      for (const body of bodies) {
        for (const step of STEPS) await judge(subject.make(body), chunksOf(body, step));
      }
    });

    it('refuses what it must, however it is cut into chunks, and proves what it says', async () => {
      for (const body of bodies) {
        const bad = refusedOf(subject, body);
        assert.notEqual(bad.length, 0, 'refused: a validation without a proof must be shown a body to refuse');
        for (const [at, other] of bad.entries()) {
          refuses(await verdict(subject.make(body), chunksOf(other, STEPS[at % STEPS.length] ?? 1)), `body ${at} of those to refuse`);
        }
      }
    });

    it('forgets everything at begin, whatever came before', async () => {
      const validation = subject.make(good);
      for (const bad of refusedOf(subject, good).slice(0, 8)) {
        refuses(await verdict(validation, chunksOf(bad)), 'before');
        await judge(validation, chunksOf(good));
        interrupt(validation, chunksOf(bad));
        await judge(validation, chunksOf(good));
        interrupt(validation, chunksOf(good.subarray(0, 10)));
        refuses(await verdict(validation, chunksOf(bad)), 'after an attempt that was cut');
      }
    });

    it('does not change the chunks', async () => {
      const chunks = chunksOf(good, 10);
      await judge(subject.make(good), chunks);
      assert.deepEqual(Buffer.concat(chunks), Buffer.from(good));
    });

    it('is enforced unless told otherwise', () => {
      assert.notEqual(subject.make(good).enforced, false);
      assert.notEqual(subject.make(good, {enforced: true}).enforced, false);
      assert.equal(subject.make(good, {enforced: false}).enforced, false);
    });

    it('still judges when not enforced, and leaves the rest to the run', async () => {
      const [bad = Buffer.alloc(0)] = refusedOf(subject, good);
      refuses(await verdict(subject.make(good, {enforced: false}), chunksOf(bad)), 'not enforced');
    });

    it('demands the size of the bytes that it was made for, if it names one', () => {
      for (const body of bodies) {
        const {size} = subject.make(body);
        if (size !== undefined) assert.equal(size, body.byteLength);
      }
    });

    it('says no instead of yes when no byte sequence was ever begun', async () => {
      for (const body of bodies) {
        const validation = subject.make(body);
        if (validation.begin === undefined) continue;
        refuses(await (async () => validation.apply())().then(() => undefined, (error: unknown) => error), 'never begun');
      }
    });
  });
}

function refuses(fault: unknown, what: string): void {
  assert.ok(fault instanceof ValidationError, fault instanceof Error ? fault : `${what}: expected a ValidationError, it was accepted`);
}

function refusedOf(subject: ValidationSubject, body: Uint8Array): Uint8Array[] {
  const bad: Uint8Array[] = [...subject.refused?.(body) ?? []];
  const {proof} = subject.make(body);
  if (proof === undefined) return bad;
  bad.push(Buffer.concat([body, Buffer.from('!')]));
  if (body.byteLength > 0) bad.push(body.subarray(0, -1));
  if (proof === 'digest') bad.push(...flippedBits(body));
  return bad;
}

function *flippedBits(body: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < body.byteLength; at++) {
    const bad = Buffer.from(body);
    bad[at] = (bad[at] ?? 0) ^ (1 << at % 8);
    yield bad;
  }
}

/** Copies: a validation that changes them spoils no other test. */
function chunksOf(body: Uint8Array, step = Infinity): Buffer[] {
  return split(body, Math.min(step, Math.max(1, body.byteLength)));
}

/** An attempt that ends without a verdict; a validation may refuse it early. */
function interrupt(validation: Validation, chunks: readonly Uint8Array[]): void {
  try {
    beginSequence(validation, chunks);
  } catch {
    // Refused before the end: it is over all the same.
  }
}
