import {request as httpRequest, type IncomingHttpHeaders} from 'node:http';
import type {Catalogue} from '../../../src/catalogue/catalogue.js';
import {catalogueServer, type CatalogueServer} from '../../../src/catalogue/server/catalogue-server.js';
import type {CatalogueServerOptions, ServerFault} from '../../../src/catalogue/server/server-options.js';
import {useSqlite, type Engine} from '../engines.js';

/** An answer, read whole. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Of its JSON. */
  readonly body: any; // eslint-disable-line @typescript-eslint/no-explicit-any
}

/** What is sent. `json` is sent as JSON text, `body` as it is. */
export interface Ask {
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly json?: unknown;
  readonly body?: string | Uint8Array;
  readonly type?: string;
}

/** A merge patch (RFC 7396). */
export function merging(patch: object, headers: Ask['headers'] = {}): Ask {
  return {body: JSON.stringify(patch), type: 'application/merge-patch+json', headers};
}

/** A list of operations (RFC 6902). */
export function patching(operations: readonly unknown[], headers: Ask['headers'] = {}): Ask {
  return {body: JSON.stringify(operations), type: 'application/json-patch+json', headers};
}

/** A server on an empty catalogue in a SQLite file, for each test. */
export interface Served {
  readonly engine: Engine;
  /** Of the server started last. */
  readonly catalogue: Catalogue;
  readonly server: CatalogueServer;
  /** The faults that it reported. */
  readonly faults: ServerFault[];
  /** Starts a server; it is closed after the test. Without tokens everybody may do everything. */
  start(options?: Partial<CatalogueServerOptions>): Promise<CatalogueServer>;
  /** Asks the server, starting it when there is none: `ask('GET', '/releases')`. */
  ask(method: string, path: string, what?: Ask): Promise<Reply>;
}

/** Call it inside a `describe`. */
export function useServed(): Served {
  const engine = useSqlite();
  let catalogue: Catalogue | undefined;
  let servers: CatalogueServer[] = [];
  let faults: ServerFault[] = [];
  afterEach(async () => {
    const closing = servers;
    [servers, faults, catalogue] = [[], [], undefined];
    await Promise.all(closing.map((server) => server.close({grace: 0})));
  });
  const start = async (options: Partial<CatalogueServerOptions> = {}): Promise<CatalogueServer> => {
    catalogue ??= await engine.catalogue();
    const report = (fault: ServerFault): void => { faults.push(fault); };
    const server = await catalogueServer({catalogue, unauthenticated: options.tokens === undefined, report, ...options});
    servers.push(server);
    return server;
  };
  return {
    engine, start,
    get catalogue() { return catalogue!; },
    get server() { return servers.at(-1)!; },
    get faults() { return faults; },
    ask: async (method, path, what) => askAt((servers.at(-1) ?? await start()).port, method, path, what),
  };
}

/** One request on a connection of its own. */
export async function askAt(port: number, method: string, path: string, {headers = {}, json, body, type}: Ask = {}): Promise<Reply> {
  const content = json === undefined ? body : JSON.stringify(json);
  const contentType = type ?? (json === undefined ? undefined : 'application/json');
  return new Promise((resolve, reject) => {
    const request = httpRequest({port, host: '127.0.0.1', method, path, agent: false, headers: {
      ...headers as Record<string, string>, ...contentType !== undefined && {'content-type': contentType},
      ...content !== undefined && {'content-length': Buffer.byteLength(content)},
    }}, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject).on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const isJson = (response.headers['content-type'] ?? '').includes('json') && text !== '';
        resolve({status: response.statusCode ?? 0, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined});
      });
    });
    request.on('error', reject);
    request.end(content);
  });
}
