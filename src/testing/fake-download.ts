import type {Framing, HeaderMap, Reply, Validators} from '../core/contract.js';
import type {DownloadError} from '../core/errors.js';
import type {ErrorEvent} from '../core/event.js';
import type {Attempt} from '../download/attempt.js';
import {DOWNLOAD_OPTIONS, type DownloadOptions} from '../download/download-options.js';
import {Download} from '../download/download.js';

/** What comes next in a body: bytes, a fault, or something to do and wait for. */
export type Piece = string | Uint8Array | Error | ((attempt: Attempt) => unknown);

/** What one attempt is answered. */
export interface Play {
  readonly status?: number | undefined;
  readonly headers?: HeaderMap | undefined;
  readonly fault?: DownloadError | undefined;
  readonly chunks?: readonly Piece[] | undefined;
  /** @default the sum of the chunks with framing `length`, else nothing is announced */
  readonly length?: number | undefined;
  /** @default 'length' */
  readonly framing?: Framing | undefined;
  readonly encoding?: string | undefined;
  /** @default none */
  readonly validators?: Validators | undefined;
  /** Where the chunks begin in the whole. @default 0 */
  readonly offset?: number | undefined;
  /** Bytes of the whole, when told. */
  readonly total?: number | undefined;
  readonly notModified?: boolean | undefined;
  /** `false`: the reply has no body of its own. */
  readonly body?: false | undefined;
}

/** An answer, its chunks alone, a fault instead of an answer, or an answer made when it is asked for. */
export type Scene = Play | readonly Piece[] | Error | ((attempt: Attempt, download: FakeDownload) => Play | Promise<Play>);

/** How a FakeDownload is made. */
export interface FakeDownloadOptions<A = unknown> extends Omit<DownloadOptions<A>, 'url'> {
  url?: string | URL | undefined;
  /** What attempt n is answered; the last scene is played again by those after it. */
  script?: readonly Scene[] | undefined;
  /** Where `prepare()`, `send 1` … are written down. */
  log?: string[] | undefined;
  /** What the hooks do. */
  hooks?: {
    readonly check?: (() => void | Promise<void>) | undefined;
    readonly prepare?: ((download: FakeDownload) => void | Promise<void>) | undefined;
    readonly onError?: ((event: ErrorEvent) => void | Promise<void>) | undefined;
  } | undefined;
  bodiless?: boolean | undefined;
}

/** A protocol without a network: `send` plays a script. */
export class FakeDownload<A = unknown> extends Download<A> {
  /** The attempts that were asked, with what a protocol would send. */
  readonly asked: {readonly url: string; readonly headers: HeaderMap}[] = [];
  /** Bodies begun and not ended. */
  openBodies = 0;
  readonly #fake: FakeDownloadOptions<A>;

  constructor(options: FakeDownloadOptions<A> = {}) {
    super({url: 'http://h.example/file', ...options} as DownloadOptions<A>, [...DOWNLOAD_OPTIONS, 'script', 'log', 'hooks', 'bodiless']);
    this.#fake = options;
  }

  protected override get bodiless(): boolean {
    return this.#fake.bodiless ?? false;
  }

  protected override check(): void | Promise<void> {
    this.#fake.log?.push('check()');
    return this.#fake.hooks?.check?.();
  }

  protected override prepare(): void | Promise<void> {
    this.#fake.log?.push('prepare()');
    return this.#fake.hooks?.prepare?.(this);
  }

  protected override onError(event: ErrorEvent): void | Promise<void> {
    this.#fake.log?.push('onError()');
    return this.#fake.hooks?.onError?.(event);
  }

  protected override async send(attempt: Attempt): Promise<Reply> {
    this.#fake.log?.push(`send ${attempt.number}`);
    const origin = new URL(attempt.url).origin;
    this.asked.push({url: attempt.url, headers: {...this.headersFor(origin), ...attempt.headers}});
    const script = this.#fake.script ?? [['hello']];
    const scene = script[Math.min(attempt.number, script.length) - 1] as Scene;
    if (scene instanceof Error) throw scene;
    const play: Play = typeof scene === 'function' ? await scene(attempt, this) : isPieces(scene) ? {chunks: scene} : scene;
    const {status = 200, headers = {}, fault, chunks = [], framing = 'length', encoding} = play;
    const {validators = {}, offset = 0, total, notModified} = play;
    const length = play.length ?? (framing === 'length' ? sizeOf(chunks) : undefined);
    return {
      status, headers, url: attempt.url, hops: [{url: attempt.url, status}], validators, length, offset, total, framing, encoding,
      fault, notModified,
      body: play.body === false || fault !== undefined ? undefined : this.#play(chunks, attempt),
    };
  }

  async *#play(chunks: readonly Piece[], attempt: Attempt): AsyncGenerator<Uint8Array> {
    this.openBodies++;
    try {
      for (const piece of chunks) {
        if (piece instanceof Error) throw piece;
        if (typeof piece === 'function') await piece(attempt);
        else yield Buffer.from(piece);
      }
    } finally {
      this.openBodies--;
    }
  }
}

function isPieces(scene: Play | readonly Piece[]): scene is readonly Piece[] {
  return Array.isArray(scene);
}

function sizeOf(chunks: readonly Piece[]): number {
  return chunks.reduce((sum, piece) => sum + (typeof piece === 'string' || piece instanceof Uint8Array ? Buffer.byteLength(piece) : 0), 0);
}

/** Waits until the attempt is aborted, as a protocol whose server is silent does. */
export function silence(attempt: Attempt): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = (): void => { reject(attempt.signal.reason as Error); };
    if (attempt.signal.aborted) abort();
    else attempt.signal.addEventListener('abort', abort, {once: true});
  });
}
