import {spawn} from 'node:child_process';
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import type {ChaosServer} from './chaos-server.js';
import type {KillPlan, Stop} from './kill-plan.js';
import {leavingsOf, type Leavings} from './leavings.js';

/** What the runs share. */
export interface KillTools {
  readonly server: ChaosServer;
  /** The main.js that is run. */
  readonly command: string;
  /** Options for every child. */
  readonly flags: readonly string[];
  /** Whether the options let a child continue what another one left. */
  readonly resume: boolean;
}

/** What one run came to. */
export interface KillReport {
  readonly violations: readonly string[];
  /** What was found after each child that was stopped. */
  readonly found: readonly ('old' | 'new' | 'absent' | 'wrong')[];
  /** Children that SIGKILL ended, that ended by themselves after SIGTERM, and that were through before. */
  readonly killed: number;
  readonly asked: number;
  readonly through: number;
  /** Children that left a journal. */
  readonly kept: number;
  /** Parts and journals that killed children left in the end. */
  readonly orphans: number;
  /** Body bytes that the server sent beyond one whole file, in whole files. */
  readonly waste: number;
}

/** How a child ended. */
interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** No child may take longer, ms. */
const PATIENCE = 60_000;
const FILE_EXISTS = 7;
const TERMINATED = 143;

/** One run: children that are stopped, and one that is not; after each of them the target must be whole. */
export class KillRun {
  readonly #plan: KillPlan;
  readonly #tools: KillTools;
  readonly #violations: string[] = [];
  readonly #found: KillReport['found'][number][] = [];
  readonly #ends = {killed: 0, asked: 0, through: 0};
  #folder = '';
  #state: KillReport['found'][number] = 'absent';
  #orphans = 0;
  /** Children that left a journal, and those after which the next one has to begin anew. */
  #kept = 0;

  constructor(plan: KillPlan, tools: KillTools) {
    this.#plan = plan;
    this.#tools = tools;
  }

  /** Does all of it in a folder of its own, which is removed. */
  async run(): Promise<KillReport> {
    const {old, target, offer, stops} = this.#plan;
    const {server} = this.#tools;
    this.#folder = await mkdtemp(join(tmpdir(), 'jupiter-kill-'));
    try {
      if (old !== undefined) await writeFile(join(this.#folder, target), old);
      this.#state = old === undefined ? 'absent' : 'old';
      server.offer(offer);
      for (const stop of stops) {
        const end = await this.#child(stop);
        const {journals} = await this.#look(end);
        this.#found.push(this.#state);
        if (journals > 0) this.#kept++;
      }
      await this.#finish();
      const waste = server.sent / offer.body.length - 1;
      // Of a quick run the whole body may stand in the buffers of the sockets when the child is stopped: that says nothing of it.
      if (this.#tools.resume && this.#plan.slow && waste >= 1) {
        this.#violate(`the server sent ${waste.toFixed(2)} files too much, though a checkpoint was due; less than 1 was expected`);
      }
      return {violations: this.#violations, found: this.#found, ...this.#ends, kept: this.#kept, orphans: this.#orphans, waste};
    } finally {
      await rm(this.#folder, {recursive: true, force: true});
    }
  }

  /** The last child is left alone: the new file is there, and of parts only what killed children left. */
  async #finish(): Promise<void> {
    const had = this.#state === 'new';
    const end = await this.#child(undefined);
    await this.#look(end, had);
    if (this.#state !== 'new') this.#violate(`the last child ended with ${endText(end)}, and the target is ${this.#state}`);
    const {parts, journals, temporary} = await leavingsOf(this.#folder, this.#plan.target);
    this.#orphans = parts + temporary + journals;
    // One that refuses the target does not look at what a killed one left.
    const mayStay = end.code === FILE_EXISTS && this.#ends.killed > 0 ? 1 : 0;
    if (journals > mayStay) this.#violate(`${journals} journals are left in the end`);
    if (parts > this.#ends.killed || temporary > this.#ends.killed) {
      this.#violate(`${parts} parts and ${temporary} temporary journals are left in the end, ${this.#ends.killed} children were killed`);
    }
  }

  /** Checks what a child left. */
  async #look(end: Ended, had = this.#state === 'new'): Promise<Leavings> {
    const {old, offer, target: name, exists} = this.#plan;
    const left = await leavingsOf(this.#folder, name);
    const {target, parts, journals, unknown} = left;
    const before = this.#state;
    this.#state = target === undefined ? 'absent' : target.equals(offer.body) ? 'new' : old?.equals(target) === true ? 'old' : 'wrong';
    if (this.#state === 'wrong') this.#violate(`the target is neither the old file nor the new one: ${target?.length} B`);
    else if (this.#state !== before && this.#state !== 'new') this.#violate(`the target was ${before} and is ${this.#state}`);
    if (unknown.length > 0) this.#violate(`files that nobody knows: ${unknown.join()}`);
    const kept = this.#tools.resume ? 1 : 0;
    if (parts > this.#ends.killed + kept || journals > kept) this.#violate(`${parts} parts and ${journals} journals after ${endText(end)}`);

    const stopped = end.signal === 'SIGKILL' || end.signal === 'SIGTERM' || end.code === TERMINATED;
    const refused = exists === 'error' && had && end.code === FILE_EXISTS;
    if (end.code !== 0 && !stopped && !refused) this.#violate(`a child ended with ${endText(end)}`);
    if (end.code === 0 && this.#state !== 'new') this.#violate(`a child ended with success, and the target is ${this.#state}`);
    return left;
  }

  async #child(stop: Stop | undefined): Promise<Ended> {
    const {exists, digest, durability, target, offer} = this.#plan;
    const {server, command, flags} = this.#tools;
    const args = ['get', server.url, '-o', target, '--exists', exists, '--durability', durability, '-q', ...flags];
    if (digest) args.push('--digest', `sha256:${createHash('sha256').update(offer.body).digest('hex')}`);
    const reached = stop?.position === undefined ? Promise.resolve() : server.reach(stop.position);
    const child = spawn(process.execPath, [command, ...args], {
      cwd: this.#folder, env: {PATH: process.env.PATH, HOME: this.#folder}, stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text; });
    const closed = once(child, 'close');
    const over = new AbortController();
    const stopping = (async () => {
      await Promise.race([reached, closed]);
      if (stop === undefined) {
        await sleep(PATIENCE, undefined, {signal: over.signal});
      } else {
        await sleep(stop.ms, undefined, {signal: over.signal});
        child.kill(stop.signal);
        if (stop.signal === 'SIGTERM') await sleep(stop.mercy, undefined, {signal: over.signal});
      }
      child.kill('SIGKILL');
    })().catch(() => undefined);
    const [code, signal] = await closed as [number | null, NodeJS.Signals | null];
    over.abort();
    await stopping;
    if (stop === undefined && signal !== null) this.#violate(`the last child took more than ${PATIENCE} ms, or died of ${signal}`);
    if (stop !== undefined) this.#ends[signal === 'SIGKILL' ? 'killed' : code === 0 ? 'through' : 'asked']++;
    return {code, signal, stderr};
  }

  #violate(what: string): void {
    this.#violations.push(`run ${this.#plan.number}: ${what}`);
  }
}

function endText({code, signal, stderr}: Ended): string {
  return `${signal ?? `exit status ${code}`}${stderr === '' ? '' : ` (${stderr.trim().slice(0, 300)})`}`;
}
