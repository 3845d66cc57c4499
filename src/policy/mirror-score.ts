import type {Clock} from '../core/clock.js';
import {contextKeys} from '../core/context-key.js';
import type {DownloadError} from '../core/errors.js';

/** The scores of a Context: every download on it tells them what it saw, and asks them. */
export const MIRROR_SCORES = contextKeys<MirrorScores>('mirror-scores').of();

/**
 * How a mirror stands: `untried` also after a long while without a fault; `bad` when its latest attempt failed or it
 * asked for patience; `out` after four failures in a row.
 */
export type Standing = 'good' | 'untried' | 'bad' | 'out';

/** One attempt at a mirror, from SENT to its end; the first end counts. */
export interface MirrorVisit {
  /** The first byte of a good reply came. */
  replied(): void;
  /** `bytes` of body came; the whole attempt took `duration` ms. */
  succeeded(bytes: number, duration: number): void;
  failed(error: DownloadError): void;
  /** It ended, and nothing can be said of the mirror. */
  left(): void;
}

/** So many failures in a row put a mirror out. */
const MOST_FAILURES = 4;
/** ms after its last failure when a mirror counts as untried again. */
const FORGOTTEN_AFTER = 300_000;
/** ms for which a throttling mirror comes last when it didn't say how long. */
const PATIENCE = 30_000;
/** The weight of the latest measurement in the moving averages. */
const ALPHA = 0.3;
/** Smaller bodies tell of the latency, not of the throughput. */
const LEAST_SAMPLE = 64 * 1024;
/** The mirrors remembered; beyond, the one not used for longest is forgotten. */
const MOST_MIRRORS = 10_000;

/** What was seen of one mirror, by all downloads of a Context. */
export class MirrorScore {
  readonly #clock: Clock;
  #running = 0;
  #failures = 0;
  #visited = false;
  #failedAt = -Infinity;
  #succeededAt = -Infinity;
  #busyUntil = -Infinity;
  #firstByte: number | undefined;
  #throughput: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Attempts under way. */
  get running(): number {
    return this.#running;
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** ms from the request to the reply, moving average. */
  get firstByte(): number | undefined {
    return this.#firstByte;
  }

  /** Bytes per ms of body, moving average. */
  get throughput(): number | undefined {
    return this.#throughput;
  }

  get standing(): Standing {
    const forgotten = this.#clock.now() - this.#failedAt >= FORGOTTEN_AFTER;
    if (this.#failures > 0 && !forgotten) return this.#failures >= MOST_FAILURES ? 'out' : 'bad';
    if (this.#busyUntil > this.#clock.time()) return 'bad';
    return this.#visited && this.#failures === 0 ? 'good' : 'untried';
  }

  /** An attempt begins. */
  visit(): MirrorVisit {
    const began = this.#clock.now();
    let first: number | undefined;
    let over = false;
    this.#running++;
    const end = (): boolean => {
      if (over) return false;
      over = true;
      this.#running--;
      return true;
    };
    return {
      replied: () => {
        first ??= this.#clock.now() - began;
      },
      succeeded: (bytes, duration) => {
        if (!end()) return;
        this.#visited = true;
        this.#failures = 0;
        this.#busyUntil = -Infinity;
        this.#succeededAt = this.#clock.now();
        if (first !== undefined) this.#firstByte = average(this.#firstByte, first);
        const transfer = duration - (first ?? 0);
        if (bytes >= LEAST_SAMPLE && transfer > 0) this.#throughput = average(this.#throughput, bytes / transfer);
      },
      failed: (error) => {
        if (!end()) return;
        this.#visited = true;
        if (error.class === 'throttled') this.#busyUntil = error.retryAt ?? this.#clock.time() + PATIENCE;
        if (!isBlamed(error) || (error.code === 'TIMED_OUT' && this.#succeededAt >= began)) return;
        this.#failures++;
        this.#failedAt = this.#clock.now();
      },
      left: () => { end(); },
    };
  }
}

/** The scores of all mirrors of a Context, by what `mirrorOf` calls them. */
export class MirrorScores {
  readonly #clock: Clock;
  readonly #scores = new Map<string, MirrorScore>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many mirrors are remembered. */
  get size(): number {
    return this.#scores.size;
  }

  /** The score of a mirror, made at the first call. */
  of(mirror: string): MirrorScore {
    const score = this.#scores.get(mirror) ?? new MirrorScore(this.#clock);
    this.#scores.delete(mirror);
    this.#scores.set(mirror, score);
    for (const oldest of this.#scores.keys()) {
      if (this.#scores.size <= MOST_MIRRORS) break;
      this.#scores.delete(oldest);
    }
    return score;
  }
}

function average(before: number | undefined, latest: number): number {
  return before === undefined ? latest : before + ALPHA * (latest - before);
}

/** Whether a fault is the mirror's: not that of the file, of this machine, of a proxy, or a call for patience. */
function isBlamed(error: DownloadError): boolean {
  if (['local', 'cancelled', 'throttled', 'restart-free'].includes(error.class)) return false;
  if (['NOT_FOUND', 'HANDLER_FAILED', 'PROXY_FAILED', 'POLICY_REFUSED'].includes(error.code)) return false;
  const {status} = error as {status?: unknown};
  return status !== 407 && status !== 451;
}
