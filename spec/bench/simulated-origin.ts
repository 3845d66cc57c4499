import {StaleVersion, UnknownRelease} from '../../src/catalogue/catalogue-errors.js';
import type {GuardedOptions, PartState, Target, WriteResult} from '../../src/catalogue/contract.js';
import type {TestClock} from '../../src/testing/index.js';

/** What requests cost, ms. */
export interface SimulatedCosts {
  /** On the way to the server and back. */
  readonly trip: number;
  /** At work for a reader, and for a writer; one request at a time. */
  readonly read: number;
  readonly write: number;
}

/** A server with one document in simulated time: it works on one request after the other, as a database under one lock does. */
export class SimulatedOrigin {
  /** Requests in all, and writes that were refused since the version had moved on. */
  requests = 0;
  refused = 0;
  readonly #clock: TestClock;
  readonly #costs: SimulatedCosts;
  #version = 1;
  #free = 0;

  constructor(clock: TestClock, costs: SimulatedCosts) {
    this.#clock = clock;
    this.#costs = costs;
  }

  async getPart(_name: string, path: string): Promise<PartState> {
    const version = await this.#request(this.#costs.read, () => this.#version);
    return {path, version, releaseVersion: version, document: {}};
  }

  /** A write of the whole document under the version that was read. @throws StaleVersion */
  async replace({name}: Target, _document: object, {ifVersion}: Pick<GuardedOptions, 'ifVersion'>): Promise<WriteResult> {
    const fresh = await this.#request(this.#costs.write, () => ifVersion === this.#version && ++this.#version > 0);
    if (fresh) return this.#result(name);
    this.refused++;
    throw new StaleVersion('the version had moved on', this.#version);
  }

  /** A write of what is to be added; the server reads, merges and writes by itself. */
  async publish(name: string): Promise<WriteResult> {
    await this.#request(this.#costs.read + this.#costs.write, () => ++this.#version);
    return this.#result(name);
  }

  /** Not asked for: there is one part. @throws UnknownRelease */
  async get(name: string): Promise<never> {
    throw new UnknownRelease(name);
  }

  /** Not asked for. @throws UnknownRelease */
  async patch({name}: Target): Promise<never> {
    throw new UnknownRelease(name);
  }

  async #request<T>(work: number, done: () => T): Promise<T> {
    this.requests++;
    const {trip} = this.#costs;
    await this.#clock.wait(trip / 2);
    this.#free = Math.max(this.#free, this.#clock.now()) + work;
    await this.#clock.wait(this.#free - this.#clock.now());
    const result = done();
    await this.#clock.wait(trip / 2);
    return result;
  }

  #result(name: string): WriteResult {
    return {name, version: this.#version, attempts: 1, merged: false, changes: [], replayed: false};
  }
}
