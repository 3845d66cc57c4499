/** The last bytes that no client gets before the body was judged. */
export const HELD_BACK = 64 * 1024;

/** How far a body has come, for one client. */
export interface Progress {
  /** Bytes of the whole that were accepted. */
  readonly accepted: number;
  /** Where the client's part of the body ends; Infinity when that is not known. */
  readonly end: number;
  /** Whether somebody is still to judge the bytes: then the end of any part waits for it, too. */
  readonly judged: boolean;
}

/** The first byte that may not be released yet. */
export function releasable({accepted, end, judged}: Progress): number {
  const limit = Math.min(accepted - HELD_BACK, judged ? end - HELD_BACK : end);
  return Math.max(0, limit);
}
