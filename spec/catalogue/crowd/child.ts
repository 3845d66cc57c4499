import {fork, type ChildProcess, type ForkOptions} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';

/** How a child ended. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it wrote to stderr. */
  readonly text: string;
}

/**
 * A script of this folder in a process of its own, which runs JavaScript only, so that nothing is compiled while it is
 * measured or killed. It and its parent send each other messages.
 */
export class Child<M> {
  readonly ended: Promise<ChildEnd>;
  readonly #process: ChildProcess;

  /** @param told called with every message that it sends, also with those that it sent before it was killed */
  constructor(script: string, task: object, told: (message: M) => void) {
    // None of the parent's flags: they would load the compiler.
    const options = {execArgv: [], env: {PATH: process.env.PATH}, stdio: ['ignore', 'ignore', 'pipe', 'ipc']} as ForkOptions;
    this.#process = fork(join(import.meta.dirname, script), options);
    let text = '';
    this.#process.stderr?.setEncoding('utf8').on('data', (chunk: string) => { text += chunk; });
    this.#process.on('message', (message) => { told(message as M); });
    // It may be dead before it hears anything.
    this.#process.on('error', () => undefined);
    this.ended = once(this.#process, 'close').then((result) => {
      const [code, signal] = result as [number | null, NodeJS.Signals | null];
      return {code, signal, text};
    });
    this.send(task);
  }

  send(message: object): void {
    if (this.#process.connected) this.#process.send(message, () => undefined);
  }

  /** SIGKILL. Resolves when it is gone. */
  async kill(): Promise<ChildEnd> {
    this.#process.kill('SIGKILL');
    return this.ended;
  }
}
