import type {ServerResponse} from 'node:http';
import {Problem, retryAfter} from './problem.js';

/** The requests under way: so many at most, and none when the server is being stopped. */
export class InFlight {
  readonly #most: number;
  readonly #running = new Map<ServerResponse, AbortController>();
  #closing = false;
  #empty: (() => void) | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  /** How many there are. */
  get count(): number {
    return this.#running.size;
  }

  /**
   * Lets a request in, until its connection is done with it.
   *
   * @throws Problem 503
   */
  admit(response: ServerResponse): void {
    if (this.#closing) throw Problem.of(503, 'CLOSING', undefined, {headers: {...retryAfter(1000), connection: 'close'}});
    if (this.#running.size >= this.#most) throw Problem.of(503, 'BUSY', undefined, {headers: retryAfter(1000)});
    this.#running.set(response, new AbortController());
    response.once('close', () => { this.release(response); });
  }

  /** Aborted when the client goes away, or the server can't wait any longer. */
  signalOf(response: ServerResponse): AbortSignal | undefined {
    return this.#running.get(response)?.signal;
  }

  /** Counts it no more: it is over, or a stream that has a count of its own. */
  release(response: ServerResponse): void {
    const controller = this.#running.get(response);
    if (controller === undefined) return;
    this.#running.delete(response);
    // What goes on after the client has left waits for nothing any more.
    if (!response.writableFinished && response.destroyed) controller.abort(gone());
    if (this.#running.size === 0) this.#empty?.();
  }

  /** Lets nobody in any more. Resolves when those who are in are done. */
  async drain(): Promise<void> {
    this.#closing = true;
    if (this.#running.size > 0) await new Promise<void>((resolve) => { this.#empty = resolve; });
  }

  /** Ends what still waits. */
  abort(): void {
    for (const controller of this.#running.values()) controller.abort(gone());
  }
}

function gone(): Problem {
  return Problem.of(503, 'CLOSING', undefined, {headers: retryAfter(1000)});
}
