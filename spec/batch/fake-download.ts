import type {Reply} from '../../src/core/contract.js';
import type {DownloadError} from '../../src/core/errors.js';
import type {Attempt} from '../../src/download/attempt.js';
import {Download} from '../../src/download/download.js';
import type {DownloadOptions} from '../../src/download/download-options.js';

/** How a FakeDownload goes. */
export interface FakeOptions extends Partial<DownloadOptions<string>> {
  /** Waits for `release()` before it answers. */
  hold?: boolean | undefined;
  /** What it fails with. */
  fault?: DownloadError | undefined;
}

/** A download without a network: five bytes, at once or when it is released. It takes permits like any other. */
export class FakeDownload extends Download<string> {
  /** What became of it: `new`, `sent`, `done` or `failed`. */
  state: 'new' | 'sent' | 'done' | 'failed' = 'new';
  readonly #fault: DownloadError | undefined;
  readonly #held: Promise<void>;
  #release: () => void = () => undefined;

  constructor({hold, fault, ...options}: FakeOptions = {}) {
    super({url: 'fake://host/file', ...options});
    this.#fault = fault;
    this.#held = hold === true ? new Promise((resolve) => { this.#release = resolve; }) : Promise.resolve();
    this.register('succeeded', () => { this.state = 'done'; });
    this.register('failed', () => { this.state = 'failed'; });
  }

  release(): void {
    this.#release();
  }

  protected override async send(attempt: Attempt): Promise<Reply> {
    this.state = 'sent';
    await new Promise<void>((resolve, reject) => {
      attempt.signal.addEventListener('abort', () => { reject(attempt.signal.reason as Error); }, {once: true});
      void this.#held.then(resolve);
    });
    if (this.#fault !== undefined) throw this.#fault;
    return {
      status: 200, headers: {}, hops: [], url: attempt.url, validators: {}, length: 5, offset: 0, framing: 'length',
      body: (async function *body() { yield Buffer.from('bytes'); })(),
    };
  }
}

/** So many downloads, numbered by their attachment. */
export function fakes(count: number, options: FakeOptions = {}): FakeDownload[] {
  return Array.from({length: count}, (_, at) => new FakeDownload({...options, attachment: String(at)}));
}

/** Lets everything happen that needs no outside help. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => { setImmediate(resolve); });
}
