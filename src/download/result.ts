import type {AttemptRecord, Durability, Facts, Reply} from '../core/contract.js';
import type {DownloadError} from '../core/errors.js';

/** What a run that went well came to. */
export interface DownloadResult<A = unknown> {
  /**
   * `kept`: the file was there already and was accepted; nothing was asked. `notModified`: it was there, whole, and the
   * source says that it is still the one.
   */
  readonly outcome: 'fetched' | 'kept' | 'notModified';
  /** The address that was asked for first, secrets redacted. */
  readonly url: string;
  /** Where the file is, for writers that have a path. */
  readonly path: string | undefined;
  /** Size and every requested digest. */
  readonly facts: Facts;
  /** The reply that the bytes came with. */
  readonly reply: Reply | undefined;
  readonly attempts: readonly AttemptRecord[];
  readonly attachment: A | undefined;
  /** Faults that did not matter: validations that only warn, handlers of SUCCEEDED that threw. */
  readonly warnings: readonly DownloadError[];
  /** How much of a power cut the file survives, for writers that publish files. */
  readonly durability: Durability | undefined;
  /** Bytes of two answers were joined on no better evidence than a date, and no digest was given to prove the whole. */
  readonly unverifiedResume: boolean;
}

/** What a transfer came to, before it is told. */
export interface Outcome {
  readonly outcome: DownloadResult['outcome'];
  readonly path?: string | undefined;
  readonly facts: Facts;
  readonly durability?: Durability | undefined;
}
