import type {Clock} from '../../core/clock.js';
import {StoreFault} from '../preferences-errors.js';
import type {Setting} from '../registry/setting.js';
import type {CentralStore, GlobalRow, LocalStore, LocalView, SnapshotRow} from '../store-contract.js';
import type {CentralGate} from './central-gate.js';
import {LayerCache} from './layer-cache.js';
import {OwnerLayers} from './owner-layers.js';

/** From where layers are read. */
export interface LayerReaderOptions {
  readonly local: LocalStore;
  readonly central: CentralStore;
  /** Undefined: the central store is the local one, and never away by itself. */
  readonly gate: CentralGate | undefined;
  readonly clock: Clock;
  /** How long what was read holds, ms. */
  readonly ttl: number;
}

/** Owners a query. */
const OWNERS = 1000;
/** A snapshot that still says the same is dated anew after so long, ms. Its age may be told too high by this, never too low. */
const DATED = 60_000;

/** Reads the layers of owners: at most one query of each store, none for what was read lately, the snapshot when central is away. */
export class LayerReader {
  readonly #local: LocalStore;
  readonly #central: CentralStore;
  readonly #gate: CentralGate | undefined;
  readonly #clock: Clock;
  readonly #cache: LayerCache;
  /** Undefined: both are one store, and there is nothing to keep a snapshot of. */
  readonly #snapshotsOf: string | undefined;
  readonly #flights = new Map<string, Promise<ReadonlyMap<string, OwnerLayers>>>();

  constructor({local, central, gate, clock, ttl}: LayerReaderOptions) {
    this.#local = local;
    this.#central = central;
    this.#gate = gate;
    this.#clock = clock;
    this.#cache = new LayerCache(ttl);
    this.#snapshotsOf = gate === undefined ? undefined : central.address;
  }

  /** The layers of each owner. Calls for the same at the same time share the queries. @throws StoreFault of the local store */
  async read(scope: string, owners: readonly string[]): Promise<ReadonlyMap<string, OwnerLayers>> {
    const key = JSON.stringify([this.#cache.generation, scope, ...owners]);
    const flight = this.#flights.get(key) ?? this.#read(scope, owners).finally(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    return flight;
  }

  /** As `read` for one owner and one setting: with an exception the central store isn't asked. @throws StoreFault of the local store */
  async readFor(scope: string, owner: string, {name, globalisable}: Setting): Promise<OwnerLayers> {
    const time = this.#clock.time();
    const {generation} = this.#cache;
    const views = await this.#locals(scope, [owner]);
    const own = new OwnerLayers(views.get(owner)?.rows ?? [], undefined);
    if (!globalisable || own.locals.get(name)?.exception === true) return own;
    const globals = await this.#globals([owner]);
    return (await this.#joined(scope, views, globals, {time, generation})).get(owner) ?? own;
  }

  /** The global rows as they are at this moment. @throws CentralUnavailable */
  async freshGlobals(owner: string): Promise<readonly GlobalRow[]> {
    const answer = await this.#ask([owner]);
    return answer.get(owner) ?? [];
  }

  /** After a write of an owner's. */
  forget(owner: string): void {
    this.#cache.forget(owner);
  }

  /** Keeps what the central store says after a global write, so that no older snapshot is used when it goes away now. */
  async renewSnapshot(owner: string): Promise<void> {
    if (this.#snapshotsOf === undefined) return;
    try {
      const time = this.#clock.time();
      await this.#local.saveSnapshots(this.#snapshotsOf, new Map([[owner, {time, rows: sorted(await this.freshGlobals(owner))}]]));
    } catch (error) {
      if (!(error instanceof StoreFault)) throw error;
    }
  }

  async #read(scope: string, owners: readonly string[]): Promise<ReadonlyMap<string, OwnerLayers>> {
    const time = this.#clock.time();
    const {generation} = this.#cache;
    const [views, globals] = await Promise.all([this.#locals(scope, owners), this.#globals(owners)]);
    return this.#joined(scope, views, globals, {time, generation});
  }

  async #joined(scope: string, views: ReadonlyMap<string, LocalView>, globals: Globals, began: {time: number; generation: number}):
  Promise<ReadonlyMap<string, OwnerLayers>> {
    if (began.generation === this.#cache.generation) await this.#keepSnapshots(scope, views, globals.fresh, began.time);
    return new Map([...views].map(([owner, {rows, snapshot}]) => {
      const known = globals.known.get(owner);
      if (known !== undefined || snapshot === undefined) return [owner, new OwnerLayers(rows, known)];
      return [owner, new OwnerLayers(rows, snapshot.rows, Math.max(0, this.#clock.time() - snapshot.time))];
    }));
  }

  async #locals(scope: string, owners: readonly string[]): Promise<Map<string, LocalView>> {
    const {generation} = this.#cache;
    const now = this.#clock.now();
    const views = new Map<string, LocalView>();
    const missing = owners.filter((owner) => {
      const kept = this.#cache.locals(owner, scope, now);
      if (kept !== undefined) views.set(owner, kept);
      return kept === undefined;
    });
    for (let at = 0; at < missing.length; at += OWNERS) {
      for (const [owner, view] of await this.#local.locals(scope, missing.slice(at, at + OWNERS), this.#snapshotsOf)) {
        views.set(owner, view);
        if (generation === this.#cache.generation) this.#cache.keepLocals(owner, scope, view, now);
      }
    }
    return views;
  }

  async #globals(owners: readonly string[]): Promise<Globals> {
    const {generation} = this.#cache;
    const now = this.#clock.now();
    const known = new Map<string, readonly GlobalRow[]>();
    const fresh = new Map<string, readonly GlobalRow[]>();
    const missing = owners.filter((owner) => {
      const kept = this.#cache.globals(owner, now);
      if (kept !== undefined) known.set(owner, kept);
      return kept === undefined;
    });
    try {
      for (let at = 0; at < missing.length; at += OWNERS) {
        for (const [owner, rows] of await this.#ask(missing.slice(at, at + OWNERS))) {
          known.set(owner, rows);
          fresh.set(owner, rows);
          if (generation === this.#cache.generation) this.#cache.keepGlobals(owner, rows, now);
        }
      }
    } catch (error) {
      if (!(error instanceof StoreFault) || this.#snapshotsOf === undefined) throw error;
    }
    return {known, fresh};
  }

  async #ask(owners: readonly string[]): Promise<GlobalsByOwner> {
    if (this.#gate === undefined) return this.#central.globals(owners);
    await this.#central.load();
    return this.#gate.read(() => this.#central.globals(owners));
  }

  async #keepSnapshots(scope: string, views: ReadonlyMap<string, LocalView>, fresh: GlobalsByOwner, time: number): Promise<void> {
    if (this.#snapshotsOf === undefined) return;
    const news = new Map<string, SnapshotRow>();
    for (const [owner, globals] of fresh) {
      const snapshot = views.get(owner)?.snapshot;
      const rows = sorted(globals);
      const same = snapshot !== undefined && JSON.stringify(rows) === JSON.stringify(snapshot.rows);
      if (!same || time - snapshot.time >= DATED) news.set(owner, {time, rows});
    }
    if (news.size === 0) return;
    try {
      await this.#local.saveSnapshots(this.#snapshotsOf, news);
    } catch (error) {
      // A local store that takes no writes keeps the snapshot that it has.
      if (!(error instanceof StoreFault)) throw error;
      return;
    }
    for (const [owner, snapshot] of news) this.#cache.keepSnapshot(owner, scope, snapshot);
  }
}

type GlobalsByOwner = ReadonlyMap<string, readonly GlobalRow[]>;

interface Globals {
  readonly known: GlobalsByOwner;
  /** Those that the central store told just now. */
  readonly fresh: GlobalsByOwner;
}

/** In one order, so that snapshots can be compared as texts. */
function sorted(rows: readonly GlobalRow[]): GlobalRow[] {
  return rows.map(({setting, value, revision}) => ({setting, value, revision})).sort((a, b) => a.setting < b.setting ? -1 : 1);
}
