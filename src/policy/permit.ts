import type {DownloadError} from '../core/errors.js';

/** How a transfer ended, for what its origin teaches. */
export interface TransferEnd {
  /** Absent: it finished well. */
  readonly error?: DownloadError | undefined;
  /** Bytes of body that came. */
  readonly bytes?: number | undefined;
}

/** The right to one transfer; give it back exactly once (more is harmless). */
export interface Permit {
  readonly origin: string;
  /**
   * The origin answered, whatever it said: it isn't silent. Said at the reply, so that nobody waits for the end of the
   * body; and before the permit is given back for a redirect.
   */
  replied(): void;
  /** Without `end` nothing is learnt: the transfer was cancelled, or goes on elsewhere. */
  release(end?: TransferEnd): void;
}
