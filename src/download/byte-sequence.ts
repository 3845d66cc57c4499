import type {Facts, Monitor, Reply, SequenceStart, Validation} from '../core/contract.js';
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
  readonly #limit: number;
  /** What the validations threw that only warn; they judge no more. */
  #fallen: Map<Validation, DownloadError> | undefined;

  constructor(judges: Judges, reply: Reply | undefined) {
    this.#judges = judges;
    const start: SequenceStart = {digests: this.#digests, reply, offset: 0};
    for (const monitor of judges.monitors) monitor.begin?.(start);
    for (const validation of judges.validations) void this.#ask(validation, () => validation.begin?.(start));
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
    for (const validation of this.#updated) void this.#ask(validation, () => validation.update?.(chunk));
  }

  /** The verdict; faults of validations that only warn go to `warnings`. @throws ValidationError */
  apply(warnings: DownloadError[]): void | Promise<void> {
    this.#digests.finish();
    return this.#applyFrom(0, warnings);
  }

  /** One after the other; only a validation that answers with a promise makes the rest wait. */
  #applyFrom(first: number, warnings: DownloadError[]): void | Promise<void> {
    const {validations} = this.#judges;
    for (let at = first; at < validations.length; at++) {
      const validation = validations[at] as Validation;
      const verdict = this.#ask(validation, () => validation.apply());
      if (verdict === undefined) continue;
      return verdict.catch((thrown: unknown) => { this.#fall(validation, thrown); }).then(() => this.#applyFrom(at + 1, warnings));
    }
    if (this.#fallen !== undefined) warnings.push(...this.#fallen.values());
  }

  #ask(validation: Validation, question: () => void | Promise<void>): void | Promise<void> {
    if (this.#fallen?.has(validation) === true) return;
    try {
      return question();
    } catch (thrown) {
      this.#fall(validation, thrown);
    }
  }

  #fall(validation: Validation, thrown: unknown): void {
    const error = asValidationError(thrown, this.#judges.url);
    if (isEnforced(validation)) throw error;
    (this.#fallen ??= new Map<Validation, DownloadError>()).set(validation, error);
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
