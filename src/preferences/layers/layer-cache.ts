import type {GlobalRow, LocalView, SnapshotRow} from '../store-contract.js';

interface Kept<T> {
  readonly at: number;
  readonly value: T;
}

interface OwnerEntry {
  globals: Kept<readonly GlobalRow[]> | undefined;
  readonly locals: Map<string, Kept<LocalView>>;
}

/** Owners kept; the one that was not wanted for longest goes first. */
const MOST_OWNERS = 2000;

/** What was read lately, so that it isn't read again. */
export class LayerCache {
  readonly #ttl: number;
  readonly #owners = new Map<string, OwnerEntry>();
  #generation = 0;

  /** @param ttl How long it holds, ms. */
  constructor(ttl: number) {
    this.#ttl = ttl;
  }

  /** Grows with every write, so that a read which began before it is not kept. */
  get generation(): number {
    return this.#generation;
  }

  globals(owner: string, now: number): readonly GlobalRow[] | undefined {
    return fresh(this.#owners.get(owner)?.globals, now, this.#ttl);
  }

  locals(owner: string, scope: string, now: number): LocalView | undefined {
    return fresh(this.#owners.get(owner)?.locals.get(scope), now, this.#ttl);
  }

  keepGlobals(owner: string, value: readonly GlobalRow[], at: number): void {
    this.#entry(owner).globals = {at, value};
  }

  keepLocals(owner: string, scope: string, value: LocalView, at: number): void {
    this.#entry(owner).locals.set(scope, {at, value});
  }

  /** A snapshot that was saved since the local rows were read; they grow no younger by it. */
  keepSnapshot(owner: string, scope: string, snapshot: SnapshotRow): void {
    const locals = this.#owners.get(owner)?.locals;
    const kept = locals?.get(scope);
    if (kept !== undefined) locals?.set(scope, {at: kept.at, value: {rows: kept.value.rows, snapshot}});
  }

  /** After a write. */
  forget(owner: string): void {
    this.#generation++;
    this.#owners.delete(owner);
  }

  #entry(owner: string): OwnerEntry {
    const entry = this.#owners.get(owner) ?? {globals: undefined, locals: new Map<string, Kept<LocalView>>()};
    this.#owners.delete(owner);
    this.#owners.set(owner, entry);
    const [oldest] = this.#owners.keys();
    if (this.#owners.size > MOST_OWNERS && oldest !== undefined) this.#owners.delete(oldest);
    return entry;
  }
}

function fresh<T>(kept: Kept<T> | undefined, now: number, ttl: number): T | undefined {
  return kept !== undefined && now - kept.at < ttl ? kept.value : undefined;
}
