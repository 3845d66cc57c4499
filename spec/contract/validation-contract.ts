import {expect} from 'chai';
import fc from 'fast-check';
import type {Validation} from '../../src/core/contract.js';
import {MismatchError} from '../../src/core/errors.js';
import {DigestSet} from '../../src/monitor/digest-set.js';

/** What the suite needs of an implementation. */
export interface ValidationSubject {
  readonly name: string;
  /** A validation that accepts exactly these bytes. */
  make(bytes: Uint8Array, options?: {enforced?: boolean}): Validation;
  /** Whether it notices other bytes of the same number. */
  readonly readsBytes: boolean;
}

/** What every validation promises; run over each implementation. */
export function validationContract(subject: ValidationSubject): void {
  const good = Buffer.from('the quick brown fox jumps over the lazy dog');

  describe(`${subject.name} as a Validation`, () => {
    it('accepts the bytes that it was made for', async () => {
      await judge(subject.make(good), [good]);
    });

    it('accepts an empty file when it was made for one, and refuses one otherwise', async () => {
      await judge(subject.make(Buffer.alloc(0)), []);
      expect(await verdict(subject.make(good), [])).to.be.instanceOf(MismatchError);
      expect(await verdict(subject.make(Buffer.alloc(0)), [good])).to.be.instanceOf(MismatchError);
    });

    it('refuses one byte less and one byte more', async () => {
      expect(await verdict(subject.make(good), [good.subarray(0, -1)])).to.be.instanceOf(MismatchError);
      expect(await verdict(subject.make(good), [good, Buffer.from('!')])).to.be.instanceOf(MismatchError);
    });

    if (subject.readsBytes) {
      it('refuses any single flipped bit', async () => {
        await fc.assert(fc.asyncProperty(fc.nat(good.length - 1), fc.nat(7), async (at, bit) => {
          const bad = Buffer.from(good);
          bad[at] = (bad[at] ?? 0) ^ (1 << bit);
          expect(await verdict(subject.make(good), [bad])).to.be.instanceOf(MismatchError);
        }));
      });
    }

    it('forgets everything at begin, whatever came before', async () => {
      const validation = subject.make(good);
      expect(await verdict(validation, [Buffer.from('something else')])).to.be.instanceOf(MismatchError);
      await judge(validation, [good]);
      feed(validation, [good.subarray(0, 10)]);
      await judge(validation, [good]);
      expect(await verdict(validation, [good, good])).to.be.instanceOf(MismatchError);
    });

    it('gives the same verdict however the bytes are cut into chunks', async () => {
      await fc.assert(fc.asyncProperty(fc.uint8Array({maxLength: 200}), fc.array(fc.nat(200)), fc.boolean(), async (bytes, cuts, whole) => {
        const validation = subject.make(bytes);
        const chunks = cut(whole ? bytes : Buffer.concat([bytes, Buffer.from('x')]), cuts);
        expect(await verdict(validation, chunks) === undefined).to.equal(whole);
      }));
    });

    it('is enforced unless told otherwise', () => {
      expect(subject.make(good).enforced).to.equal(true);
      expect(subject.make(good, {enforced: true}).enforced).to.equal(true);
      expect(subject.make(good, {enforced: false}).enforced).to.equal(false);
    });

    it('still judges when not enforced, and leaves the rest to the run', async () => {
      expect(await verdict(subject.make(good, {enforced: false}), [])).to.be.instanceOf(MismatchError);
    });

    it('says no instead of yes when no byte sequence was ever begun', async () => {
      let error: unknown;
      try {
        await subject.make(Buffer.alloc(0)).apply();
      } catch (thrown) {
        error = thrown;
      }
      expect(error).to.have.property('code', 'VALIDATION_FAILED');
    });
  });
}

/** Runs a byte sequence as a download does. @throws what the validation throws */
export async function judge(validation: Validation, chunks: readonly Uint8Array[]): Promise<void> {
  feed(validation, chunks).finish();
  await validation.apply();
}

/** The fault, or undefined when the validation accepts. */
export async function verdict(validation: Validation, chunks: readonly Uint8Array[]): Promise<unknown> {
  return judge(validation, chunks).then(() => undefined, (error: unknown) => error);
}

function feed(validation: Validation, chunks: readonly Uint8Array[]): DigestSet {
  const digests = new DigestSet();
  validation.begin?.({digests, offset: 0});
  for (const chunk of chunks) {
    digests.update(chunk);
    validation.update?.(chunk);
  }
  return digests;
}

function cut(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const edges = [0, ...cuts.filter((at) => at < bytes.length).sort((one, other) => one - other), bytes.length];
  return edges.slice(1).map((edge, at) => bytes.subarray(edges[at], edge));
}
