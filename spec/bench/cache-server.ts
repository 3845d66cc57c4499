import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, readFileSync} from 'node:fs';
import {mkdir, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {freePort, listening} from './site.js';

const MAIN = join(import.meta.dirname, '../../dist/cli/main.js');
/** What /proc counts CPU time in, of a second. */
const TICK = 100;
const ENVIRONMENT = {...process.env, no_proxy: '127.0.0.1', NO_PROXY: '127.0.0.1'};

/** A cache before an upstream, in a process of its own, with an empty folder. */
export class CacheServer {
  readonly origin: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(origin: string, child: ChildProcess, folder: string) {
    this.origin = origin;
    this.#child = child;
    this.#folder = folder;
  }

  /** The streamer as its command, from `dist`. */
  static async jupiter(upstream: string, folder: string): Promise<CacheServer> {
    const args = ['serve', '--importer', 'prefix', '--upstream', `${upstream}/`, '--store', folder, '--port', '0'];
    const child = spawn(process.execPath, [MAIN, ...args], {stdio: ['ignore', 'pipe', 'inherit'], env: ENVIRONMENT});
    const [origin] = await once(createInterface(child.stdout), 'line') as [string];
    return new CacheServer(origin, child, folder);
  }

  /** nginx with one worker, its connections to the upstream kept. */
  static async nginx(upstream: string, folder: string): Promise<CacheServer> {
    const port = await freePort();
    await mkdir(folder);
    const path = join(folder, 'nginx.conf');
    await writeFile(path, configuration(new URL(upstream).host, folder, port));
    const child = spawn('nginx', ['-c', path], {stdio: 'ignore'});
    await listening(port);
    return new CacheServer(`http://127.0.0.1:${port}`, child, folder);
  }

  /** CPU seconds that it took so far. */
  get cpu(): number {
    const stats = this.#processes().map((pid) => readFileSync(`/proc/${pid}/stat`, 'latin1'));
    const ticks = stats.flatMap((text) => text.replace(/^.*\) /, '').split(' ').slice(11, 13));
    return ticks.reduce((sum, text) => sum + Number(text), 0) / TICK;
  }

  /** Bytes in memory now, shared ones included. */
  get resident(): number {
    const sizes = this.#processes().map((pid) => /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
    return sizes.reduce((sum, text) => sum + Number(text ?? 0), 0) * 1024;
  }

  /** Ends it and removes its folder. */
  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exited;
    await rm(this.#folder, {recursive: true, force: true});
  }

  #processes(): number[] {
    const pid = this.#child.pid ?? 0;
    return [pid, ...readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter((text) => text !== '').map(Number)];
  }
}

/** Whether the machine tells what a process takes. */
export function canMeasure(): boolean {
  return existsSync(`/proc/${process.pid}/task/${process.pid}/children`);
}

function configuration(upstream: string, folder: string, port: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/tmp;`).join(' ');
  const user = process.getuid?.() === 0 ? 'root' : 'nobody';
  return `worker_processes 1; daemon off; user ${user}; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { worker_connections 512; }
http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 10000000; ${temporary}
proxy_cache_path ${folder}/cache levels=1:2 keys_zone=cache:32m inactive=1d use_temp_path=off;
upstream origin { server ${upstream}; keepalive 64; keepalive_requests 10000000; }
server { listen 127.0.0.1:${port}; location / { proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection "";
proxy_cache cache; proxy_cache_lock on; proxy_cache_valid 200 1d; add_header X-Cache $upstream_cache_status; } } }`;
}
