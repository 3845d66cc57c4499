import {setTimeout as sleep} from 'node:timers/promises';
import type {Fact} from '../../../src/catalogue/contract.js';
import {Moment} from '../../../src/testing/moment.js';
import {Child, type ChildEnd} from './child.js';
import {builtFolder, type Place} from './server-process.js';

/** What a writer does. */
export interface WriterTask {
  readonly place: Place;
  readonly release: string;
  readonly actor: string;
  /** Published one by one, in this order. */
  readonly facts: readonly Fact[];
  /** How wrong its clock is, ms. */
  readonly skew: number;
}

/** When a writer is killed: so many ms after it told of so many facts. */
export interface Kill {
  readonly after: number;
  readonly delay: number;
}

/** A fact that was published, as the writer saw it. */
export interface Done {
  readonly attempts: number;
  readonly merged: boolean;
  /** History rows that it made; none when it was there. */
  readonly rows: number;
  readonly ms: number;
}

type Told = {readonly kind: 'ready'} | Done & {readonly kind: 'done'; readonly number: number}
  | {readonly kind: 'failed'; readonly number: number; readonly code: string; readonly message: string};

/** A writer in a process of its own. One that is killed is started again, and does all of its task again. */
export class WriterProcess {
  /** Numbers of the facts that it was told are published, over all its lives. */
  readonly acknowledged = new Set<number>();
  readonly done: Done[] = [];
  /** What it was refused or could not do, and how it died when nobody killed it. */
  readonly failures: string[] = [];
  /** How often it was killed while it wrote. */
  killed = 0;
  readonly #task: WriterTask;
  readonly #kill: Kill | undefined;
  readonly #onDone: () => void;
  readonly #ready = new Moment();
  #child: Child<Told> | undefined;
  #going = false;

  constructor(task: WriterTask, kill: Kill | undefined, onDone: () => void) {
    this.#task = task;
    this.#kill = kill;
    this.#onDone = onDone;
  }

  /** Resolves when it is ready to begin. */
  async start(): Promise<void> {
    this.#spawn();
    await Promise.race([this.#ready.reached, this.#child?.ended]);
  }

  /** Lets it write; resolves when all of its task was tried and the process is gone. */
  async run(): Promise<void> {
    this.#going = true;
    this.#child?.send({kind: 'go'});
    if (this.#kill?.after === 0) await this.#die(this.#kill);
    let end = await this.#ended();
    while (end.signal === 'SIGKILL') {
      this.killed++;
      this.#spawn();
      end = await this.#ended();
    }
    if (end.code !== 0) this.failures.push(`${this.#task.actor} ended with ${end.signal ?? end.code}: ${end.text.slice(-500)}`);
  }

  /** Ends it at once, for good. */
  async stop(): Promise<void> {
    await this.#child?.kill();
  }

  #spawn(): void {
    this.#child = new Child<Told>('publisher.mjs', {...this.#task, dist: builtFolder()}, (message) => { this.#hear(message); });
  }

  #ended(): Promise<ChildEnd> {
    return this.#child?.ended ?? Promise.reject(new Error('not started'));
  }

  #hear(message: Told): void {
    if (message.kind === 'ready') {
      this.#ready.reach();
      if (this.#going) this.#child?.send({kind: 'go'});
    } else if (message.kind === 'failed') {
      this.failures.push(`${this.#task.actor}, fact ${message.number}: ${message.code} ${message.message}`);
    } else {
      const {attempts, merged, rows, ms} = message;
      this.acknowledged.add(message.number);
      this.done.push({attempts, merged, rows, ms});
      this.#onDone();
      if (this.done.length === this.#kill?.after) void this.#die(this.#kill);
    }
  }

  async #die({delay}: Kill): Promise<void> {
    const child = this.#child;
    // A real moment of a real process.
    await sleep(delay);
    await child?.kill();
  }
}
