const MEBIBYTE = 1024 * 1024;

/** What a run came to. */
export interface Sums {
  /** Packages that were wanted. */
  files: number;
  /** Fetched and in place. */
  fetched: number;
  /** Bytes fetched. */
  bytes: number;
  /** There already, and verified again. */
  reused: number;
  /** Those that took more than one attempt. */
  retried: number;
  failed: number;
  /** Not for this machine. */
  skipped: number;
  /** ms */
  duration: number;
}

/** The sums as a small table. */
export function tableOf(sums: Sums): string {
  const seconds = Math.max(sums.duration, 1) / 1000;
  const rows: readonly (readonly [string, string])[] = [
    ['files', String(sums.files)],
    ['fetched', String(sums.fetched)],
    ['bytes', `${sums.bytes} (${(sums.bytes / MEBIBYTE).toFixed(1)} MiB)`],
    ['reused', String(sums.reused)],
    ['retried', String(sums.retried)],
    ['failed', String(sums.failed)],
    ['not for this machine', String(sums.skipped)],
    ['seconds', seconds.toFixed(1)],
    ['MiB/s', (sums.bytes / MEBIBYTE / seconds).toFixed(1)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}
