import {performance} from 'node:perf_hooks';

/** Time, injected so that no spec sleeps. */
export interface Clock {
  /** Milliseconds that only go forward; for durations. */
  now(): number;
  /** Milliseconds since 1970; for dates on the wire. */
  time(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. Leaves no timer behind. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `tick` every `ms` until the returned function is called. */
  every(ms: number, tick: () => void): () => void;
}

/** setTimeout takes 31 bits; longer waits are made of several. */
const LONGEST = 2 ** 31 - 1;

/** The machine's clock. */
export class SystemClock implements Clock {
  now(): number {
    return performance.now();
  }

  time(): number {
    return Date.now();
  }

  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    const end = this.now() + ms;
    do {
      await sleep(Math.min(Math.max(0, end - this.now()), LONGEST), signal);
    } while (this.now() < end);
  }

  every(ms: number, tick: () => void): () => void {
    const timer = setInterval(tick, ms);
    return () => { clearInterval(timer); };
  }
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, {once: true});
  });
}
