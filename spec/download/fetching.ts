import {Context, type ContextOptions} from '../../src/core/context.js';
import type {DownloadError} from '../../src/core/errors.js';
import {HttpDownload, type HttpDownloadOptions} from '../../src/download/http-download.js';
import type {DownloadResult} from '../../src/download/result.js';
import {noRetry} from '../../src/policy/retry-policy.js';
import {RecordingWriter} from '../../src/testing/recording-writer.js';

/** What came of a download. */
export interface Fetched {
  readonly download: HttpDownload;
  readonly writer: RecordingWriter;
  /** What was published, undefined when nothing was. */
  readonly text: string | undefined;
  readonly result: DownloadResult | undefined;
  readonly error: DownloadError | undefined;
}

/** Runs an HttpDownload, without repeats unless told, and never throws. A Context that isn't given is closed at the end. */
export async function fetched(options: HttpDownloadOptions, signal?: AbortSignal): Promise<Fetched> {
  const writer = new RecordingWriter();
  return run(new HttpDownload({retry: noRetry(), ...options.method === 'HEAD' ? {} : {writer}, ...options}), writer, signal);
}

/** The same with a download that was made already. */
export async function run(download: HttpDownload, writer = download.writer as RecordingWriter, signal?: AbortSignal): Promise<Fetched> {
  try {
    const result = await download.run(signal);
    return {download, writer, text: writer.calls.at(-1) === 'close' ? writer.text : undefined, result, error: undefined};
  } catch (error) {
    const closed = writer.calls.includes('close') ? writer.text : undefined;
    return {download, writer, text: closed, result: undefined, error: error as DownloadError};
  }
}

/** `code class`, and what was published in spite of it. */
export function verdict({error, text}: Fetched): string {
  const published = text === undefined ? '' : ` published ${JSON.stringify(text)}`;
  return error === undefined ? `ok${published}` : `${error.code} ${error.class}${published}`;
}

/** Runs with a Context of its own, closed afterwards. */
export async function withContext<T>(use: (context: Context) => Promise<T>, options?: ContextOptions): Promise<T> {
  const context = new Context(options);
  try {
    return await use(context);
  } finally {
    await context.close();
  }
}

type Found = (...found: unknown[]) => void;

/** A `dnsLookup` for which every host is the loopback. */
export function loopback(_host: string, options: {all?: boolean} | Found, found?: Found): void {
  if (typeof options === 'function') options(null, '127.0.0.1', 4);
  else if (options.all === true) found?.(null, [{address: '127.0.0.1', family: 4}]);
  else found?.(null, '127.0.0.1', 4);
}
