import type {Framing, HeaderMap, Reply} from '../../src/core/contract.js';
import {DownloadError} from '../../src/core/errors.js';
import type {ErrorEvent} from '../../src/core/event.js';
import type {Attempt} from '../../src/download/attempt.js';
import {DOWNLOAD_OPTIONS, type DownloadOptions} from '../../src/download/download-options.js';
import {Download} from '../../src/download/download.js';

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
  /** `false`: the reply has no body of its own. */
  readonly body?: false | undefined;
}

/** An answer, its chunks alone, a fault instead of an answer, or an answer made when it is asked for. */
export type Scene = Play | readonly Piece[] | Error | ((attempt: Attempt, download: FakeDownload) => Play | Promise<Play>);

/** How a FakeDownload is made. */
export interface FakeOptions<A = unknown> extends Omit<DownloadOptions<A>, 'url'> {
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
  readonly #fake: FakeOptions<A>;

  constructor(options: FakeOptions<A> = {}) {
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
    const length = play.length ?? (framing === 'length' ? sizeOf(chunks) : undefined);
    return {
      status, headers, url: attempt.url, hops: [{url: attempt.url, status}], validators: {}, length, offset: 0, framing, encoding, fault,
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

/** The fault that a run ends with. @throws when it ends well, or with what is no DownloadError */
export async function faultOf(run: Promise<unknown>): Promise<DownloadError> {
  try {
    await run;
  } catch (thrown) {
    if (thrown instanceof DownloadError) return thrown;
    throw thrown;
  }
  throw new Error('expected a run that fails, it succeeded');
}

/** A promise that the spec settles. */
export class Moment {
  /** Call it when it has come. */
  reach: () => void = () => undefined;
  readonly reached = new Promise<void>((resolve) => { this.reach = resolve; });
}
