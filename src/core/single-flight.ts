import {Cancelled} from './errors.js';

interface FlightEvents<T> {
  answered(value: T): void;
  settled(): void;
}

/** One computation that several wait for; it is aborted when the last of them has left. */
export class Flight<T> {
  readonly #controller = new AbortController();
  readonly #answer: Promise<T>;
  #waiting = 0;
  #over = false;

  constructor(compute: (signal: AbortSignal) => Promise<T> | T, events: FlightEvents<T>) {
    this.#answer = this.#compute(compute, events);
    this.#answer.catch(() => undefined);
  }

  /** Whether it can no longer be joined. */
  get over(): boolean {
    return this.#over || this.#controller.signal.aborted;
  }

  /** Waits for the answer, or until the waiter's own signal. */
  join(signal: AbortSignal | undefined): Promise<T> {
    if (signal?.aborted === true) return Promise.reject(asCancel(signal.reason));
    this.#waiting++;
    return new Promise<T>((resolve, reject) => {
      const done = (): void => { signal?.removeEventListener('abort', leave); };
      const leave = (): void => {
        done();
        reject(asCancel(signal?.reason));
        if (--this.#waiting === 0) this.abort(new Cancelled('nobody waits any longer'));
      };
      signal?.addEventListener('abort', leave, {once: true});
      void this.#answer.finally(done).then(resolve, reject);
    });
  }

  abort(reason: Error): void {
    this.#controller.abort(reason);
  }

  async #compute(compute: (signal: AbortSignal) => Promise<T> | T, events: FlightEvents<T>): Promise<T> {
    const {signal} = this.#controller;
    let abort: () => void = () => undefined;
    const aborted = new Promise<never>((_resolve, reject) => {
      abort = () => { reject(signal.reason as Error); };
      signal.addEventListener('abort', abort, {once: true});
    });
    aborted.catch(() => undefined);
    try {
      await Promise.resolve();
      signal.throwIfAborted();
      const value = await Promise.race([compute(signal), aborted]);
      events.answered(value);
      return value;
    } finally {
      this.#over = true;
      signal.removeEventListener('abort', abort);
      events.settled();
    }
  }
}

/** The fault of a waiter whose signal was aborted. */
export function asCancel(reason: unknown): Error {
  return reason instanceof Cancelled ? reason : new Cancelled('cancelled while waiting', {cause: reason});
}
