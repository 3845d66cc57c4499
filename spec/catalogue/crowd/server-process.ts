import {dirname} from 'node:path';
import {Moment} from '../../../src/testing/moment.js';
import {sharedCommand} from '../../chaos/built-command.js';
import {Child} from './child.js';

type Told = {readonly kind: 'listening'; readonly port: number} | {readonly kind: 'fault'; readonly message: string};

/** Where a catalogue is: a file or a database, or a server before one. */
export interface Place {
  /** A path, or `postgres://…`. */
  readonly location: string;
  /** PostgreSQL's. */
  readonly schema?: string | undefined;
  /** Of the server; who is told it goes there, and not to the database. */
  readonly url?: string | undefined;
  /** A module that publishes in another way, to be compared with: `open(location)`, and what that has, `publish` and `close`. */
  readonly peer?: string | undefined;
}

/** The folder of the built JavaScript, as src stands. */
export function builtFolder(): string {
  return dirname(dirname(sharedCommand()));
}

/** A catalogue's server in a process of its own, which can be killed and started again at the same address. */
export class ServerProcess {
  /** Faults that the server reported as its own, of all its lives. */
  readonly faults: string[] = [];
  readonly #place: Place;
  #child: Child<Told> | undefined;
  #port = 0;

  constructor(place: Place) {
    this.#place = place;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Resolves when it listens. @throws Error with what it said when it didn't come up */
  async start(): Promise<void> {
    const listening = new Moment();
    const task = {dist: builtFolder(), place: this.#place, port: this.#port};
    const child = new Child<Told>('server.mjs', task, (message) => {
      if (message.kind === 'fault') {
        this.faults.push(message.message);
        return;
      }
      this.#port = message.port;
      listening.reach();
    });
    this.#child = child;
    const early = child.ended.then(({text}) => { throw new Error(`the server ended before it listened: ${text}`); });
    // When it ends later, that is nobody's fault.
    early.catch(() => undefined);
    await Promise.race([listening.reached, early]);
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    await this.#child?.kill();
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }
}
