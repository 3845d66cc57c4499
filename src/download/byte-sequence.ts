import type {Facts, Monitor, Reply, Validation} from '../core/contract.js';
import {DownloadError, SizeMismatch, TooLarge, ValidationError} from '../core/errors.js';
import {messageOf} from '../core/foreign-error.js';
import {DigestSet} from '../monitor/digest-set.js';

/** Who looks at the bytes, and how many there may be. */
export interface Judges {
  readonly validations: readonly Validation[];
  readonly monitors: readonly Monitor[];
  /** Bytes; undefined means no limit. */
  readonly maxBytes: number | undefined;
  readonly url: string;
}

/**
 * One run of bytes from offset 0 to the end, and everybody who judges or counts it. A restart makes a new one, so that
 * nothing leaks from one attempt into the next.
 */
export class ByteSequence {
  readonly #judges: Judges;
  readonly #digests = new DigestSet();
  readonly #updated: readonly Validation[];
  #limit = Infinity;

  constructor(judges: Judges, reply: Reply | undefined) {
    this.#judges = judges;
    for (const member of [...judges.monitors, ...judges.validations]) {
      member.begin?.({digests: this.#digests, reply, offset: 0});
    }
    this.#updated = judges.validations.filter((validation) => validation.update !== undefined);
    const sizes = judges.validations.filter(isEnforced).flatMap(({size}) => size ?? []);
    this.#limit = Math.min(judges.maxBytes ?? Infinity, ...sizes);
  }

  get size(): number {
    return this.#digests.size;
  }

  /** Whether anybody asked for a digest. */
  get hashes(): boolean {
    return this.#digests.algorithms.length > 0;
  }

  get facts(): Facts {
    return this.#digests.facts();
  }

  /** Refuses a chunk that goes beyond what is allowed, before it reaches the writer. @throws SizeMismatch, TooLarge */
  admit(bytes: number): void {
    const size = this.size + bytes;
    if (size > this.#limit) refuseSize(this.#judges, size, 'at least ');
  }

  update(chunk: Uint8Array): void {
    this.#digests.update(chunk);
    for (const validation of this.#updated) validation.update?.(chunk);
  }

  /** The verdict. @returns the faults of validations that only warn @throws ValidationError */
  async apply(): Promise<DownloadError[]> {
    this.#digests.finish();
    const warnings: DownloadError[] = [];
    for (const validation of this.#judges.validations) {
      try {
        const verdict = validation.apply();
        if (verdict !== undefined) await verdict;
      } catch (thrown) {
        const error = asValidationError(thrown, this.#judges.url);
        if (isEnforced(validation)) throw error;
        warnings.push(error);
      }
    }
    return warnings;
  }
}

/** Refuses an announced size at the headers. @throws SizeMismatch, TooLarge */
export function refuseAnnounced(judges: Judges, length: number): void {
  const wanted = judges.validations.filter(isEnforced).find(({size}) => size !== undefined && size !== length);
  if (wanted !== undefined || length > (judges.maxBytes ?? Infinity)) refuseSize(judges, length, '');
}

function refuseSize(judges: Judges, actual: number, qualifier: string): never {
  const expected = judges.validations.filter(isEnforced).find(({size}) => size !== undefined && size !== actual)?.size;
  if (expected !== undefined) {
    throw new SizeMismatch(`expected ${expected} bytes, got ${qualifier}${actual}: ${judges.url}`, expected, actual, {url: judges.url});
  }
  throw new TooLarge(`expected at most ${judges.maxBytes ?? 0} bytes (maxBytes), got ${qualifier}${actual}: ${judges.url}`,
    judges.maxBytes ?? 0, {url: judges.url});
}

/** Whether an enforced validation proves the whole body by itself. */
export function isProven(validations: readonly Validation[], by: readonly ('size' | 'digest')[]): boolean {
  return validations.some((validation) => isEnforced(validation) && validation.proof !== undefined && by.includes(validation.proof));
}

function isEnforced(validation: Validation): boolean {
  return validation.enforced !== false;
}

function asValidationError(thrown: unknown, url: string): DownloadError {
  if (thrown instanceof DownloadError) return thrown;
  return new ValidationError(`a validation failed: ${messageOf(thrown)}`, {cause: thrown, url});
}
