import {setMaxListeners} from 'node:events';
import {ConnectFailed, Throttled, TimedOut, type DownloadError, type TimeoutPhase} from '../../src/core/errors.js';
import type {Limits} from '../../src/core/limits.js';
import {Governor, type Permit, type TransferEnd} from '../../src/policy/governor.js';
import {TestClock} from '../../src/testing/test-clock.js';

/** A governor on a clock that stands still, with transfers that are quickly said. */
export class Governing {
  readonly clock = new TestClock();
  readonly governor: Governor;
  readonly signal = new AbortController().signal;
  /** Whether a wait for a permit was granted or failed, in the order of the ends. */
  readonly ends: string[] = [];

  constructor(limits: Partial<Limits> = {}, random = (): number => 0) {
    setMaxListeners(0, this.signal);
    this.governor = new Governor({total: 8, perOrigin: 6, ...limits}, {clock: this.clock, random});
  }

  /** Takes a permit that must be there at once. */
  now(origin = 'a'): Permit {
    const permit = this.governor.take(origin, this.signal);
    if (permit instanceof Promise) {
      void permit.catch(() => undefined);
      throw new Error(`no permit for ${origin} at once`);
    }
    return permit;
  }

  /** A whole transfer, from permit to end. */
  transfer(end: TransferEnd, origin = 'a'): void {
    this.now(origin).release(end);
  }

  /** Begins so many waits whose ends are noted under a name: `name` when granted, `name CODE` when refused. */
  wait(name: string, origin = 'a', count = 1): Promise<Permit | DownloadError>[] {
    return Array.from({length: count}, async () => {
      try {
        const permit = await this.governor.take(origin, this.signal);
        this.ends.push(name);
        return permit;
      } catch (thrown) {
        this.ends.push(`${name} ${(thrown as DownloadError).code}`);
        return thrown as DownloadError;
      }
    });
  }

  /** 429; `seconds` is what Retry-After says. */
  throttled(seconds?: number): {error: DownloadError} {
    return {error: new Throttled('429', {status: 429}, {retryAt: seconds === undefined ? undefined : this.clock.time() + seconds * 1000})};
  }

  /** Nobody there. */
  refused(): {error: DownloadError} {
    return {error: new ConnectFailed('no reply (ECONNREFUSED)')};
  }

  timedOut(phase: TimeoutPhase = 'headers'): {error: DownloadError} {
    return {error: new TimedOut(phase, `timeout.${phase}`)};
  }

  limitOf(origin = 'a'): number {
    return this.governor.view(origin).limit;
  }
}

/** Lets every promise settle. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => { setImmediate(resolve); });
}
