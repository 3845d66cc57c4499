import type {CentralGate} from '../layers/central-gate.js';
import {StoreFault} from '../preferences-errors.js';
import type {CentralStore} from '../store-contract.js';
import type {StoreUpkeep} from '../upkeep-contract.js';

/**
 * The way of a cleanup to the primary of the central store. The first time that it can't be asked, or takes no writes (a standby,
 * which may lag), is the last: from then on there is no proof of anything.
 */
export class CentralProof {
  readonly #central: CentralStore;
  readonly #gate: CentralGate | undefined;
  #reason: string | undefined;

  constructor(central: CentralStore, gate: CentralGate | undefined) {
    this.#central = central;
    this.#gate = gate;
  }

  /** For people: why there is no proof; undefined as long as there is. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** The global values of owners, by setting; undefined: there is no proof. */
  globals(owners: readonly string[]): Promise<ReadonlyMap<string, ReadonlyMap<string, string>> | undefined> {
    return this.ask((upkeep) => upkeep.provenGlobals(owners));
  }

  /** Reads, or what may be repeated; undefined: there is no proof. */
  ask<T>(work: (upkeep: StoreUpkeep) => Promise<T>): Promise<T | undefined> {
    return this.#try(() => this.#gate === undefined ? work(this.#central.upkeep) : this.#gate.check(() => work(this.#central.upkeep)));
  }

  /** Writes; undefined: it failed, or nobody knows. */
  write<T>(work: (upkeep: StoreUpkeep) => Promise<T>): Promise<T | undefined> {
    return this.#try(() => this.#gate === undefined ? work(this.#central.upkeep) : this.#gate.write(() => work(this.#central.upkeep)));
  }

  async #try<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.#reason !== undefined) return undefined;
    try {
      await this.#central.load();
      return await work();
    } catch (error) {
      if (!(error instanceof StoreFault)) throw error;
      this.#reason = error.message;
      return undefined;
    }
  }
}
