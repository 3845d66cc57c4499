import {createHash, randomBytes} from 'node:crypto';
import {spawn, spawnSync, type ChildProcess} from 'node:child_process';
import {createWriteStream} from 'node:fs';
import {access, mkdir, mkdtemp, readdir, rm, statfs, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {once} from 'node:events';

/** One file to fetch. */
export interface Item {
  readonly url: string;
  readonly path: string;
  readonly sha256: string;
}

/** Files on a local web server, and an empty folder to fetch them into. */
export class BenchSite {
  readonly folder: string;
  readonly origin: string;
  readonly server: string;
  readonly #child: ChildProcess;

  private constructor(folder: string, origin: string, server: string, child: ChildProcess) {
    this.folder = folder;
    this.origin = origin;
    this.server = server;
    this.#child = child;
  }

  /**
   * Memory-backed when there is room, so that the machine's disk is not what is measured.
   *
   * @param limitRate what a connection gets a second, as nginx writes it (`20m`: 20 MiB); needs nginx
   */
  static async start(bytes: number, limitRate = '0'): Promise<BenchSite> {
    const folder = await mkdtemp(join(await roomyFolder(bytes), 'jupiter-bench-'));
    await mkdir(join(folder, 'www'));
    const port = await freePort();
    const nginx = spawnSync('nginx', ['-v']).error === undefined;
    if (nginx) await writeFile(join(folder, 'nginx.conf'), nginxConfiguration(folder, port, limitRate));
    const child = nginx
      ? spawn('nginx', ['-c', join(folder, 'nginx.conf')], {stdio: 'ignore'})
      : spawn(process.execPath, [join(import.meta.dirname, 'contestants/file-server.mjs'), join(folder, 'www'), String(port)], {stdio: 'ignore'});
    const origin = `http://127.0.0.1:${port}`;
    await listening(port);
    return new BenchSite(folder, origin, nginx ? 'nginx' : 'node:http', child);
  }

  /** Where the files are, to be told. */
  get place(): string {
    return this.folder.startsWith('/dev/shm') ? 'memory' : 'the temp folder';
  }

  /** Writes `count` files of random bytes. */
  async files(count: number, size: number): Promise<Item[]> {
    const items: Item[] = [];
    for (let at = 0; at < count; at++) {
      const name = `${size}-${String(at).padStart(6, '0')}.bin`;
      const hash = createHash('sha256');
      const file = createWriteStream(join(this.folder, 'www', name));
      for (let left = size; left > 0; left -= CHUNK) {
        const chunk = randomBytes(Math.min(CHUNK, left));
        hash.update(chunk);
        if (!file.write(chunk)) await once(file, 'drain');
      }
      file.end();
      await once(file, 'close');
      items.push({url: `${this.origin}/${name}`, path: join(this.folder, 'out', name), sha256: hash.digest('hex')});
    }
    return items;
  }

  /** An empty target folder. */
  async empty(): Promise<string> {
    const out = join(this.folder, 'out');
    await rm(out, {recursive: true, force: true});
    await mkdir(out);
    return out;
  }

  /** How many files are in the target folder; a contestant that did not finish the work has not won. */
  async delivered(): Promise<number> {
    return (await readdir(join(this.folder, 'out'))).length;
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await once(this.#child, 'exit');
    await rm(this.folder, {recursive: true, force: true});
  }
}

const CHUNK = 1024 * 1024;

/** A folder with room for so many bytes: in memory, if there is as much. */
export async function roomyFolder(bytes: number): Promise<string> {
  try {
    await access('/dev/shm');
    const {bavail, bsize} = await statfs('/dev/shm');
    return bavail * bsize > bytes * 1.2 ? '/dev/shm' : tmpdir();
  } catch {
    return tmpdir();
  }
}

function nginxConfiguration(folder: string, port: number, limitRate: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder};`).join(' ');
  return `worker_processes 1; daemon off; user ${process.getuid?.() === 0 ? 'root' : 'nobody'}; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { worker_connections 512; }
http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 10000000; limit_rate ${limitRate}; ${temporary}
server { listen 127.0.0.1:${port}; root ${folder}/www; add_header Cache-Control max-age=86400; } }`;
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const {port} = server.address() as {port: number};
  server.close();
  return port;
}

/** Waits until a web server answers. */
export async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (await fetch(`http://127.0.0.1:${port}/`).then(() => true, () => false)) return;
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  throw new Error('the web server did not start');
}
