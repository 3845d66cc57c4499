import type {IncomingMessage, ServerResponse} from 'node:http';

/**
 * Requests that come before those in front of them were answered (pipelining, RFC 9112, 9.3.2) wait for them, so that one
 * connection asks for one thing at a time. What stands behind an answer that closes the connection is never looked at
 * (9.6), nor what a client left behind: node tells nobody of the end of a response whose turn has not come.
 */
export class Turns {
  /** By connection: those who wait. One listener does for all of them. */
  readonly #waiting = new WeakMap<object, Set<() => void>>();

  /** Resolves to true when it is the response's turn, to false when the connection is closed before. */
  reached({socket}: IncomingMessage, response: ServerResponse): Promise<boolean> | true {
    if (response.socket !== null) return true;
    if (socket.destroyed) return Promise.resolve(false);
    return new Promise((resolve) => {
      const waiting = this.#waitingFor(socket);
      const left = (): void => { resolve(false); };
      waiting.add(left);
      response.once('socket', () => {
        waiting.delete(left);
        resolve(true);
      });
    });
  }

  #waitingFor(socket: IncomingMessage['socket']): Set<() => void> {
    const present = this.#waiting.get(socket);
    if (present !== undefined) return present;
    const waiting = new Set<() => void>();
    this.#waiting.set(socket, waiting);
    socket.once('close', () => { for (const left of waiting) left(); });
    return waiting;
  }
}
