import {contextKeys} from '../core/context-key.js';
import type {Limits} from '../core/context.js';

/** The governor of a Context: every batch and streamer on it shares its permits. */
export const GOVERNOR = contextKeys<Governor>('governor').of();

/** The right to one transfer; give it back exactly once (more is harmless). */
export interface Permit {
  readonly origin: string;
  release(): void;
}

interface Waiter {
  grant(permit: Permit): void;
}

/**
 * Bounds the transfers at once, in all and per origin (scheme + host + port). Those who wait are served first come
 * first served within an origin, and the origins take turns, so that a slow host doesn't starve the rest.
 */
export class Governor {
  readonly #limits: Limits;
  readonly #running = new Map<string, number>();
  readonly #queues = new Map<string, Set<Waiter>>();
  #total = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Permits given out now. */
  get running(): number {
    return this.#total;
  }

  /** Those who wait now. */
  get waiting(): number {
    let sum = 0;
    for (const queue of this.#queues.values()) sum += queue.size;
    return sum;
  }

  /** A permit at once when there is one, else when it is this caller's turn; rejects with the signal's reason. */
  take(origin: string, signal: AbortSignal): Permit | Promise<Permit> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    if (!this.#queues.has(origin) && this.#hasRoom(origin)) return this.#grant(origin);
    return new Promise<Permit>((resolve, reject) => {
      const queue = this.#queues.get(origin) ?? new Set();
      this.#queues.set(origin, queue);
      const leave = (): void => {
        queue.delete(waiter);
        if (queue.size === 0 && this.#queues.get(origin) === queue) this.#queues.delete(origin);
        reject(signal.reason as Error);
      };
      const waiter: Waiter = {
        grant: (permit) => {
          signal.removeEventListener('abort', leave);
          resolve(permit);
        },
      };
      queue.add(waiter);
      signal.addEventListener('abort', leave, {once: true});
    });
  }

  #hasRoom(origin: string): boolean {
    return this.#total < this.#limits.total && (this.#running.get(origin) ?? 0) < this.#limits.perOrigin;
  }

  #grant(origin: string): Permit {
    this.#total++;
    this.#running.set(origin, (this.#running.get(origin) ?? 0) + 1);
    let held = true;
    return {
      origin,
      release: () => {
        if (!held) return;
        held = false;
        this.#total--;
        const left = (this.#running.get(origin) ?? 1) - 1;
        if (left === 0) this.#running.delete(origin);
        else this.#running.set(origin, left);
        this.#serve();
      },
    };
  }

  /** Serves one waiter of each origin in turn, as long as there is room; a served origin goes to the end of the line. */
  #serve(): void {
    for (const [origin, queue] of this.#queues) {
      if (this.#total >= this.#limits.total) return;
      if (!this.#hasRoom(origin)) continue;
      const [waiter] = queue;
      if (waiter === undefined) continue;
      queue.delete(waiter);
      this.#queues.delete(origin);
      if (queue.size > 0) this.#queues.set(origin, queue);
      waiter.grant(this.#grant(origin));
    }
  }
}
