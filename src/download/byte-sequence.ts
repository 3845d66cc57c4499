import {Claims} from '../core/claims.js';
import type {Facts, Monitor, Reply, SequenceStart, Validation} from '../core/contract.js';
import {DownloadError, SizeMismatch, TooLarge, ValidationError} from '../core/errors.js';
import {messageOf} from '../core/foreign-error.js';
import {redactUrl} from '../core/redact.js';
import {DigestSet} from '../monitor/digest-set.js';

/** Who looks at the bytes, and how many there may be. */
export interface Judges {
  readonly validations: readonly Validation[];
  readonly monitors: readonly Monitor[];
  /** Bytes; undefined means no limit. */
  readonly maxBytes: number | undefined;
  readonly url: string;
  /** What the run has to itself. */
  readonly claims: Claims;
}

/**
 * One run of bytes from offset 0 to the end, and everybody who judges or counts it. A restart makes a new one, so that
 * nothing leaks from one attempt into the next.
 */
export class ByteSequence {
  readonly #judges: Judges;
  /** Those that saw the first byte; nobody is let off afterwards. */
  readonly #validations: readonly Validation[];
  readonly #digests = new DigestSet();
  readonly #updated: readonly Validation[];
  readonly #limit: number;
  /** What the validations threw that only warn; they judge no more. */
  #fallen: Map<Validation, DownloadError> | undefined;

  constructor(judges: Judges, reply: Reply | undefined) {
    this.#judges = judges;
    const start: SequenceStart = {digests: this.#digests, reply, offset: 0};
    for (const monitor of judges.monitors) monitor.begin?.(start);
    this.#validations = [...judges.validations];
    for (const validation of this.#validations) {
      claimValidation(judges.claims, validation);
      this.#tell(validation, 'begin', () => validation.begin?.(start));
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
    for (const validation of this.#updated) this.#tell(validation, 'update', () => validation.update?.(chunk));
  }

  /** The verdict; faults of validations that only warn go to `warnings`. @throws ValidationError */
  apply(warnings: DownloadError[]): void | Promise<void> {
    this.#digests.finish();
    const late = this.#judges.validations.find((validation) => !this.#validations.includes(validation));
    if (late !== undefined) throw new ValidationError(`a validation was added after the first byte, unseen by it: ${this.#judges.url}`);
    return this.#applyFrom(0, warnings);
  }

  /** One after the other; only a validation that answers with a promise makes the rest wait. */
  #applyFrom(first: number, warnings: DownloadError[]): void | Promise<void> {
    for (let at = first; at < this.#validations.length; at++) {
      const validation = this.#validations[at] as Validation;
      const verdict = this.#ask(validation, () => validation.apply());
      if (isThenable(verdict)) {
        return Promise.resolve(verdict).then((answer) => { this.#refuseFalse(validation, answer); })
          .catch((thrown: unknown) => { this.#fall(validation, thrown); }).then(() => this.#applyFrom(at + 1, warnings));
      }
      this.#refuseFalse(validation, verdict);
    }
    if (this.#fallen !== undefined) warnings.push(...this.#fallen.values());
  }

  /** `begin` and `update` are synchronous: nobody would wait for their promise. */
  #tell(validation: Validation, name: string, news: () => unknown): void {
    const answer = this.#ask(validation, news);
    if (!isThenable(answer)) return;
    answer.then(undefined, () => undefined);
    this.#fall(validation, new TypeError(`${name}() answered with a promise; it must be synchronous`));
  }

  /** A verdict is thrown; who answers `false` would be taken for content. */
  #refuseFalse(validation: Validation, answer: unknown): void {
    if (answer === false) this.#fall(validation, new TypeError('apply() answered false; expected it to throw what is wrong'));
  }

  #ask(validation: Validation, question: () => unknown): unknown {
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

/** Who judges a run. */
export function judgesOf(validations: readonly Validation[], monitors: readonly Monitor[],
  limits: {readonly maxBytes: number | undefined; readonly url: {readonly href: string}}): Judges {
  return {validations, monitors, maxBytes: limits.maxBytes, url: redactUrl(limits.url.href), claims: new Claims()};
}

/** A validation that keeps state judges one run at a time. @throws TypeError */
export function claimValidation(claims: Claims, validation: Validation): void {
  if (validation.begin !== undefined || validation.update !== undefined) claims.take('validation', validation);
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

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as {then?: unknown} | undefined | null)?.then === 'function';
}

function asValidationError(thrown: unknown, url: string): DownloadError {
  if (thrown instanceof DownloadError) return thrown;
  return new ValidationError(`a validation failed: ${messageOf(thrown)}`, {cause: thrown, url});
}
