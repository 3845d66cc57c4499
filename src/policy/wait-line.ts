interface Waiter<W, T> {
  readonly wish: W;
  readonly admit: (value: T) => void;
  readonly refuse: (error: Error) => void;
}

/** Those who wait, first come first served. Each may leave by a signal of its own; no listener stays behind. */
export class WaitLine<W, T> {
  readonly #waiters = new Set<Waiter<W, T>>();

  get size(): number {
    return this.#waiters.size;
  }

  /** What the first one waits for. */
  get first(): W | undefined {
    for (const {wish} of this.#waiters) return wish;
    return undefined;
  }

  /** Waits at the end of the line. `left` is called when the signal ended the wait, which then rejects with its reason. */
  join(wish: W, signal: AbortSignal, left: () => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const end = (): void => {
        signal.removeEventListener('abort', leave);
        this.#waiters.delete(waiter);
      };
      const leave = (): void => {
        end();
        reject(signal.reason as Error);
        left();
      };
      const waiter: Waiter<W, T> = {
        wish,
        admit: (value) => { end(); resolve(value); },
        refuse: (error) => { end(); reject(error); },
      };
      this.#waiters.add(waiter);
      signal.addEventListener('abort', leave, {once: true});
    });
  }

  /** Lets the first one go on. */
  admit(value: T): void {
    for (const waiter of this.#waiters) {
      waiter.admit(value);
      return;
    }
  }

  /** Sends everybody away, each with an error of its own. */
  refuse(error: () => Error): void {
    for (const waiter of [...this.#waiters]) waiter.refuse(error());
  }
}
