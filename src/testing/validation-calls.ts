import type {Validation} from '../core/contract.js';
import {DigestSet} from '../monitor/digest-set.js';

/** Lets a validation judge a byte sequence, as a download does. @throws what the validation throws */
export async function judge(validation: Validation, chunks: readonly Uint8Array[]): Promise<void> {
  beginSequence(validation, chunks).finish();
  await validation.apply();
}

/** The fault that a validation finds in a byte sequence, or undefined when it accepts. */
export async function verdict(validation: Validation, chunks: readonly Uint8Array[]): Promise<unknown> {
  return judge(validation, chunks).then(() => undefined, (error: unknown) => error);
}

/** Begins a byte sequence and feeds it, but does not let the validation judge: an attempt that was cut. */
export function beginSequence(validation: Validation, chunks: readonly Uint8Array[]): DigestSet {
  const digests = new DigestSet();
  validation.begin?.({digests, offset: 0});
  for (const chunk of chunks) {
    digests.update(chunk);
    validation.update?.(chunk);
  }
  return digests;
}
