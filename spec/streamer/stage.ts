import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {get, request as ask, type IncomingMessage} from 'node:http';
import {connect} from 'node:net';
import {Context, DigestValidation, HttpDownload, noRetry, type HttpDownloadOptions} from 'jupiter-download';
import {ContentStore} from 'jupiter-download/compose';
import {Streamer, type Importer, type Resource, type StreamRequest, type StreamerOptions} from 'jupiter-download/streamer';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {TestClock} from '../../src/testing/test-clock.js';
import {useTempFolder, type TempFolder} from '../../src/testing/temp-folder.js';

/** What a client got. */
export interface Got {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** Whether the body ended as its framing said. */
  readonly whole: boolean;
}

/** How an importer of the stage answers one path. */
export type Make = (request: StreamRequest) => Partial<Resource> & {readonly options?: Partial<HttpDownloadOptions>};

/** An upstream, a streamer before it, and clients. */
export interface Stage {
  readonly upstream: ScriptedServer;
  readonly clock: TestClock;
  readonly folder: TempFolder;
  /** By path; without one the upstream's path is fetched, once, unverified. */
  readonly made: Map<string, Make>;
  readonly streamer: Streamer;
  readonly port: number;
  /** Starts a streamer; without a store when `store` is null. */
  start(options?: Partial<Omit<StreamerOptions, 'store'>> & {readonly store?: ContentStore | null}): Promise<Streamer>;
  get(path: string, headers?: Record<string, string>, method?: string): Promise<Got>;
  /** Begins a request and leaves its body unread. */
  begin(path: string, headers?: Record<string, string>): Promise<IncomingMessage>;
  /** Writes a text to a connection and gives all that comes back; `RST` is added when it was reset. */
  raw(text: string): Promise<string>;
}

/** Hex. */
export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A Resource of a content that is known by its digest. */
export function verified(content: Buffer, options: Partial<HttpDownloadOptions> = {}): Make {
  const hex = sha256(content);
  return () => ({digest: {algorithm: 'sha256', hex}, options: {...options, validations: [new DigestValidation('sha256', hex)]}});
}

/** Reads a reply to its end, or to its break. */
export async function drain(reply: IncomingMessage): Promise<Got> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of reply) chunks.push(chunk as Buffer);
  } catch {
    return {status: reply.statusCode, headers: reply.headers, body: Buffer.concat(chunks), whole: false};
  }
  return {status: reply.statusCode, headers: reply.headers, body: Buffer.concat(chunks), whole: reply.complete};
}

/** Call it inside a `describe`. */
export function useStage(): Stage {
  const folder = useTempFolder();
  let upstream: ScriptedServer;
  let clock: TestClock;
  let context: Context | undefined;
  let streamer: Streamer | undefined;
  let port = 0;
  let origin = '';
  const made = new Map<string, Make>();
  beforeEach(async () => {
    upstream = await ScriptedServer.start();
    ({origin} = upstream);
    clock = new TestClock();
    made.clear();
  });
  afterEach(async () => {
    await streamer?.close({grace: false});
    await context?.close();
    await upstream.close();
    streamer = undefined;
    context = undefined;
  });
  const importer: Importer = {
    resolve: (request) => {
      const {options = {}, ...resource} = made.get(request.path)?.(request) ?? {};
      const url = origin + request.path + (request.query === '' ? '' : `?${request.query}`);
      return {
        key: url, ...resource,
        download: (known, range) => resource.download?.(known, range)
          ?? new HttpDownload({url, retry: noRetry(), ifChanged: known, range, ...options}),
      };
    },
  };
  const begin = async (path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> => {
    const request = get({port, path, headers, agent: false});
    request.on('error', () => undefined);
    const [reply] = await once(request, 'response') as [IncomingMessage];
    return reply;
  };
  return {
    get upstream() { return upstream; },
    get clock() { return clock; },
    get streamer() { return streamer as Streamer; },
    get port() { return port; },
    folder, made, begin,
    start: async ({store, ...options} = {}) => {
      await streamer?.close({grace: false});
      await context?.close();
      context = new Context({clock, limits: {total: 64, perOrigin: 64}});
      const kept = store === null ? undefined : store ?? new ContentStore({folder: folder.join('store')});
      streamer = new Streamer({importer, store: kept, context, ...options});
      ({port} = await streamer.listen());
      return streamer;
    },
    get: async (path, headers = {}, method = 'GET') => {
      const request = ask({port, path, headers, method, agent: false});
      request.on('error', () => undefined);
      request.end();
      try {
        const [reply] = await once(request, 'response') as [IncomingMessage];
        return await drain(reply);
      } catch {
        return {status: undefined, headers: {}, body: Buffer.alloc(0), whole: false};
      }
    },
    raw: async (text) => {
      const socket = connect({port, host: '127.0.0.1'});
      const chunks: Buffer[] = [];
      let end = '';
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.on('error', ({code}: NodeJS.ErrnoException) => { end = code === 'ECONNRESET' ? 'RST' : 'error'; });
      socket.write(text);
      await once(socket, 'close').catch(() => undefined);
      return Buffer.concat(chunks).toString('latin1') + end;
    },
  };
}
