import type {SecretBox} from '../contract.js';

/** A box with several keys, of which one seals. */
export interface RotatingSecretBox extends SecretBox {
  /** Whether an envelope was sealed with the key that seals now. */
  isCurrent(envelope: string): boolean;
}

/** What a rotation did. Names of owners and settings, no value. */
export interface RotationReport {
  /** Envelopes sealed anew. */
  readonly rotated: number;
  /** Envelopes that had the current key already. */
  readonly current: number;
  /** Envelopes that could not be opened: the old key has to stay, or they are lost. */
  readonly failed: number;
  /** The first 100 of them: `setting of owner in scope`. */
  readonly failures: readonly string[];
  /** False: somebody stopped it, or envelopes changed all the time; run it again. */
  readonly done: boolean;
}
