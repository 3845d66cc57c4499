import {readFileSync} from 'node:fs';
import {once} from 'node:events';
import {setTimeout as sleep} from 'node:timers/promises';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {useTempFolder, type TempFolder} from '../../src/testing/temp-folder.js';
import {startJupiter, type Ended, type Running} from '../cli/jupiter.js';

/** How long the command may take from a signal to its end, ms: its grace and a little more. */
const LONGEST_END = 15_000;

/** `jupiter serve` as a process of its own. */
export class Serving {
  readonly url: string;
  readonly #running: Running;

  private constructor(running: Running, url: string) {
    this.#running = running;
    this.url = url;
  }

  /** Resolves once it listens. */
  static async start(cwd: string, args: readonly string[]): Promise<Serving> {
    const running = startJupiter(['serve', '--port', '0', ...args], {cwd});
    const failed = running.ended.then(({stderr}) => { throw new Error(stderr); });
    const [first] = await Promise.race([once(running.child.stdout!, 'data'), failed]) as [Buffer];
    failed.catch(() => undefined);
    return new Serving(running, first.toString().trim());
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  get pid(): number {
    return this.#running.child.pid as number;
  }

  get running(): boolean {
    const {exitCode, signalCode} = this.#running.child;
    return exitCode === null && signalCode === null;
  }

  get ended(): Promise<Ended> {
    return this.#running.ended;
  }

  /** Sends a signal and waits for the end. @returns how it ended, and after how many ms; a code of null when it had to be killed */
  async stop(signal: NodeJS.Signals, patience = LONGEST_END): Promise<Ended & {readonly ms: number}> {
    const {child, ended} = this.#running;
    const began = performance.now();
    child.kill(signal);
    const timer = setTimeout(() => { child.kill('SIGKILL'); }, patience);
    const end = await ended;
    clearTimeout(timer);
    return {...end, ms: performance.now() - began};
  }

  /** Bytes of memory that it holds. */
  get resident(): number {
    const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.pid}/status`, 'latin1')) ?? [];
    return Number(kibibytes) * 1024;
  }

  /** What its metrics say of a name. */
  async gauge(name: 'open_replies' | 'open_transfers'): Promise<number> {
    const text = await (await fetch(`${this.url}/-/metrics`)).text();
    return Number(new RegExp(`^jupiter_${name} (\\d+)$`, 'm').exec(text)?.[1]);
  }

  /** Waits until no reply but the one that tells of it is open, for 3 s at most. @returns how many are open then */
  async calm(): Promise<number> {
    const end = performance.now() + 3000;
    for (;;) {
      const open = await this.gauge('open_replies') - 1 + await this.gauge('open_transfers');
      if (open === 0 || performance.now() > end) return open;
      await sleep(20);
    }
  }
}

/** An upstream, and commands before it. */
export interface ServingStage {
  readonly upstream: ScriptedServer;
  readonly folder: TempFolder;
  /** Serves what is below `/base/` of the upstream, kept in the folder `store`. */
  start(args?: readonly string[]): Promise<Serving>;
  /** Waits until the upstream has sent so many bytes of body in all. @throws Error after 20 s */
  sent(bytes: number): Promise<void>;
}

/** Call it inside a `describe`. */
export function useServing(): ServingStage {
  const folder = useTempFolder();
  const started: Serving[] = [];
  let upstream: ScriptedServer;
  beforeEach(async () => { upstream = await ScriptedServer.start(); });
  afterEach(async () => {
    for (const serving of started.splice(0)) if (serving.running) await serving.stop('SIGKILL');
    await upstream.close();
  });
  return {
    get upstream() { return upstream; },
    folder,
    start: async (args = []) => {
      const common = ['--importer', 'prefix', '--upstream', upstream.url('/base/'), '--store', 'store'];
      const serving = await Serving.start(folder.path, [...common, ...args]);
      started.push(serving);
      return serving;
    },
    sent: async (bytes) => {
      for (const end = performance.now() + 20_000; upstream.bodyBytes < bytes;) {
        if (performance.now() > end) throw new Error(`expected ${bytes} bytes of the upstream, got ${upstream.bodyBytes}`);
        await sleep(5);
      }
    },
  };
}
