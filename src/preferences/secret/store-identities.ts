import type {Clock} from '../../core/clock.js';
import type {CentralGate} from '../layers/central-gate.js';
import {StoreFault} from '../preferences-errors.js';
import type {CentralStore, LocalStore} from '../store-contract.js';

/** No owner has this name; its snapshot holds the identity of the central store. */
const NOBODY = '';

/** The identities of the stores, the central one's also while it is away. */
export class StoreIdentities {
  readonly #local: LocalStore;
  readonly #central: CentralStore;
  readonly #clock: Clock;
  readonly #gate: CentralGate | undefined;
  #known: {local?: string; central?: string} = {};

  /** @param gate Of a central store that may be away by itself. */
  constructor(local: LocalStore, central: CentralStore, clock: Clock, gate: CentralGate | undefined) {
    this.#local = local;
    this.#central = central;
    this.#clock = clock;
    this.#gate = gate;
  }

  async local(): Promise<string> {
    return this.#known.local ??= await this.#local.identity();
  }

  /** @throws StoreFault when it is away and was never asked before */
  async central(): Promise<string> {
    return this.#known.central ??= await this.#askCentral();
  }

  async #askCentral(): Promise<string> {
    if ((this.#central as unknown) === this.#local) return this.local();
    const {address} = this.#central;
    const kept = (await this.#local.locals(NOBODY, [NOBODY], address)).get(NOBODY)?.snapshot?.rows[0]?.value;
    if (kept !== undefined) return kept;
    await this.#central.load();
    const ask = (): Promise<string> => this.#central.identity();
    const identity = await (this.#gate?.read(ask) ?? ask());
    try {
      await this.#local.saveSnapshots(address,
        new Map([[NOBODY, {time: this.#clock.time(), rows: [{setting: '', value: identity, revision: 0}]}]]));
    } catch (error) {
      if (!(error instanceof StoreFault)) throw error;
    }
    return identity;
  }
}
