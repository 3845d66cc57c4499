/** One run that several callers wait for: each of them may leave alone, and the last one who leaves ends it. */
export class SharedRun<T> {
  /** Resolves when it is over, however it ended. */
  readonly settled: Promise<void>;
  readonly #controller = new AbortController();
  readonly #run: Promise<T>;
  #waiting = 0;

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.#run = work(this.#controller.signal);
    this.settled = this.#run.then(() => undefined, () => undefined);
  }

  /** It is being ended, so that it can't be joined any more. */
  get ended(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Its outcome. @throws the signal's reason */
  join(signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted();
    this.#waiting++;
    return new Promise<T>((resolve, reject) => {
      const leave = (): void => {
        reject(signal?.reason as Error);
        if (--this.#waiting === 0) this.#controller.abort(signal?.reason);
      };
      signal?.addEventListener('abort', leave, {once: true});
      void this.settled.then(() => { signal?.removeEventListener('abort', leave); });
      this.#run.then(resolve, reject);
    });
  }
}
