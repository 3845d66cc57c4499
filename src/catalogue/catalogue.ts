import {randomUUID} from 'node:crypto';
import {SystemClock, type Clock} from '../core/clock.js';
import {normaliseAlgorithm} from '../core/digest.js';
import {messageOf} from '../core/foreign-error.js';
import {misuse, onlyKeys, outOfRange, wholeNumber} from '../core/options.js';
import type {PostgresOptions} from '../sql/postgres-options.js';
import {InvalidDocument, UnknownVersion} from './catalogue-errors.js';
import {
  checkDocuments, checkGuard, checkName, checkPath, checkWrite, jsonOf, LimitCheck, pageSize, type CatalogueLimits,
} from './catalogue-limits.js';
import type {
  Change, ChangesOptions, ChangeWithDocument, Fact, GuardedOptions, HistoryOptions, ListOptions, Moment, NewRelease, Operation,
  PartDifference, PartMoment, PartState, Patch, PatchOptions, PruneOptions, PruneResult, PublishOptions, ReleaseCatalogue, ReleaseHead, ReleaseState,
  RevertOptions, Target, WriteOptions, WriteResult,
} from './contract.js';
import {planCreate, planReadOnly, planRemove, planReplace, planRevert} from './guarded-plans.js';
import type {JsonObject} from '../core/json.js';
import type {MergePolicy} from './merge/merge-policy.js';
import {planPatch} from './patch-plan.js';
import {prune} from './pruning.js';
import {planPublish} from './publish-plan.js';
import {checkMoment, ReleaseReader, shownChange, shownHead} from './release-reader.js';
import type {CatalogueStore, HeadWrite} from './store-contract.js';
import {WriteLoop} from './write-loop.js';
import {newHead, type Intent} from './write-plan.js';

/** What a catalogue is made with. */
export interface CatalogueOptions {
  /** Where its rows are; the catalogue closes it. */
  readonly store: CatalogueStore;
  /** @default SystemClock */
  readonly clock?: Clock | undefined;
  /** How the documents of a schema are merged. @default facts in `completes`, `partials` and `facts`, for every schema */
  readonly policies?: ReadonlyMap<number, MergePolicy> | undefined;
  readonly limits?: CatalogueLimits | undefined;
  /** Makes the ids of writes that come without one. @default random UUIDs */
  readonly newId?: (() => string) | undefined;
}

/** How a catalogue is opened. */
export interface OpenCatalogueOptions extends Omit<CatalogueOptions, 'store'> {
  /** For the pauses after contention, from 0 to 1, 1 excluded. @default Math.random */
  readonly random?: (() => number) | undefined;
  /** How long a write waits for locks, or for the database to come back, before it is Overloaded, ms. @default 30_000 */
  readonly patience?: number | undefined;
  /** For PostgreSQL only. */
  readonly postgres?: PostgresOptions | undefined;
}

/** What a column of 32 bits holds. */
const MOST_SCHEMA = 2 ** 31 - 1;
const MEMBERS = ['store', 'clock', 'policies', 'limits', 'newId'];

/**
 * Where importers record what they fetched: releases made of parts, parts made of facts, with their whole history. Any
 * number of them, in any number of processes, may write to the same release at the same time.
 */
export class Catalogue implements ReleaseCatalogue {
  readonly #store: CatalogueStore;
  readonly #clock: Clock;
  readonly #limits: LimitCheck;
  readonly #loop: WriteLoop;
  readonly #policyOf: (schema: number) => MergePolicy;

  constructor(options: CatalogueOptions) {
    onlyKeys('catalogue', options, MEMBERS);
    const policies = options.policies ?? new Map<number, MergePolicy>();
    this.#store = options.store;
    this.#clock = options.clock ?? new SystemClock();
    this.#limits = new LimitCheck(options.limits);
    this.#policyOf = (schema) => policies.get(schema) ?? {};
    this.#loop = new WriteLoop({store: this.#store, clock: this.#clock, newId: options.newId ?? randomUUID});
  }

  /**
   * Opens a catalogue in a file (made when it is missing) or on PostgreSQL, and brings its tables up to date. Close it.
   *
   * @param location A path, or `postgres://user:password@host/database`.
   * @throws StoreFault, TypeError; Error with the code ERR_OPTIONAL_MISSING when `kysely`, `libsql` or `pg` is not installed
   */
  static async open(location: string, options: OpenCatalogueOptions = {}): Promise<Catalogue> {
    onlyKeys('catalogue', options, [...MEMBERS.slice(1), 'random', 'patience', 'postgres']);
    const {random = Math.random, patience, postgres, ...rest} = options;
    const clock = rest.clock ?? new SystemClock();
    const {openStore} = await import('./store/open-store.js');
    return new Catalogue({...rest, clock, store: await openStore(location, {clock, random, limit: patience, postgres})});
  }

  async create(name: string, release: NewRelease, options: WriteOptions): Promise<WriteResult> {
    checkName('name', name);
    checkWrite(options);
    const write = headOf(release);
    return this.#write(name, 'create', options, {write}, (view) => planCreate(view, name, write));
  }

  async publish(name: string, facts: readonly Fact[], options: PublishOptions): Promise<WriteResult> {
    checkName('name', name);
    checkWrite(options, ['create', 'perItem']);
    if (!Array.isArray(facts)) throw misuse('facts', facts, 'a list of facts');
    if (facts.length > this.#limits.facts) throw new InvalidDocument(`${facts.length} facts, more than ${this.#limits.facts}`);
    const {perItem = false} = options;
    const create = options.create === undefined ? undefined : headOf(options.create);
    const publishing = {name, facts, create, perItem, limits: this.#limits, policyOf: this.#policyOf};
    return this.#write(name, 'publish', options, {facts, create, perItem}, (view) => planPublish(view, publishing));
  }

  async patch(target: Target, patch: Patch, options: PatchOptions): Promise<WriteResult> {
    const {name, path} = checkTarget(target);
    checkWrite(options, ['base', 'releaseBase']);
    const checked = jsonOf(patch) as Patch;
    if (typeof checked !== 'object' || checked === null) throw new InvalidDocument('a patch is a list of operations or an object');
    const base = baseOf(options, path);
    const patching = {name, path, patch: checked, base, limits: this.#limits, policyOf: this.#policyOf};
    return this.#write(name, 'patch', options, {path, patch, base}, (view) => planPatch(view, patching));
  }

  async replace(target: Target, document: JsonObject, options: GuardedOptions): Promise<WriteResult> {
    const checked = checkTarget(target);
    const {name, path} = checked;
    checkWrite(options, ['ifVersion']);
    const guard = checkGuard(options.ifVersion);
    const content = path === undefined ? checkDocuments(document) : jsonOf(document) as JsonObject;
    const checks = {limits: this.#limits, policyOf: this.#policyOf};
    return this.#write(name, 'replace', options, {path, content, guard}, (view) => planReplace(view, checked, content, guard, checks));
  }

  async remove(target: Target, options: GuardedOptions): Promise<WriteResult> {
    const checked = checkTarget(target);
    checkWrite(options, ['ifVersion']);
    const guard = checkGuard(options.ifVersion);
    return this.#write(checked.name, 'remove', options, {path: checked.path, guard}, (view) => planRemove(view, checked, guard));
  }

  async setReadOnly(name: string, readOnly: boolean, options: GuardedOptions): Promise<WriteResult> {
    checkName('name', name);
    checkWrite(options, ['ifVersion']);
    if (typeof readOnly !== 'boolean') throw misuse('readOnly', readOnly, 'true or false');
    const guard = checkGuard(options.ifVersion);
    return this.#write(name, 'set-read-only', options, {readOnly, guard}, (view) => planReadOnly(view, name, readOnly, guard));
  }

  async revert(change: number, options: RevertOptions): Promise<WriteResult> {
    wholeNumber('change', change, 1);
    checkWrite(options, ['ifVersion']);
    const guard = options.ifVersion === undefined ? undefined : checkGuard(options.ifVersion);
    const {name} = await this.change(change);
    return this.#write(name, 'revert', options, {change, guard}, (view) => planRevert(view, name, change, guard));
  }

  async get(name: string, moment: Moment = {}): Promise<ReleaseState> {
    checkName('name', name);
    checkMoment(moment);
    return this.#store.read((view) => new ReleaseReader(view, name).release(moment));
  }

  async getPart(name: string, path: string, moment: PartMoment = {}): Promise<PartState> {
    checkName('name', name);
    checkPath(path);
    checkMoment(moment, ['version', 'at', 'partVersion']);
    return this.#store.read((view) => new ReleaseReader(view, name).part(path, moment));
  }

  async list(options: ListOptions = {}): Promise<ReleaseHead[]> {
    onlyKeys('options', options, ['product', 'after', 'limit']);
    const {product, after} = options;
    if (product !== undefined) checkName('product', product);
    if (after !== undefined) checkName('after', after);
    const limit = pageSize(options.limit);
    return (await this.#store.read((view) => view.heads({product, after, limit}))).map(shownHead);
  }

  async history(name: string, options: HistoryOptions = {}): Promise<Change[]> {
    checkName('name', name);
    onlyKeys('options', options, ['path', 'before', 'limit']);
    const {path, before} = options;
    if (path !== undefined && path !== '') checkPath(path);
    if (before !== undefined) wholeNumber('before', before, 1);
    const limit = pageSize(options.limit);
    return this.#store.read(async (view) => {
      await new ReleaseReader(view, name).exists();
      return view.history({name, path, before, limit});
    });
  }

  async change(seq: number): Promise<ChangeWithDocument> {
    wholeNumber('seq', seq, 1);
    const row = await this.#store.read((view) => view.changeBySeq(seq));
    if (row === undefined) throw new UnknownVersion(`there is no change ${seq}`);
    return shownChange(row);
  }

  async diff(name: string, from: number, to: number): Promise<PartDifference[]> {
    checkName('name', name);
    wholeNumber('from', from, 0);
    wholeNumber('to', to, 0);
    return this.#store.read((view) => new ReleaseReader(view, name).difference(from, to, this.#policyOf));
  }

  async changes(options: ChangesOptions = {}): Promise<Change[]> {
    onlyKeys('options', options, ['after', 'name', 'limit']);
    const {name} = options;
    if (name !== undefined) checkName('name', name);
    const after = wholeNumber('after', options.after ?? 0, 0);
    const limit = pageSize(options.limit);
    return this.#store.read((view) => view.changes({name, after, limit}));
  }

  /** Drops old bodies and stored requests; every history row stays. Safe beside any number of writers. @throws StoreFault */
  prune(options: PruneOptions = {}): Promise<PruneResult> {
    return prune(this.#store, this.#clock, options);
  }

  /** Ends the connections. */
  async close(): Promise<void> {
    await this.#store.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #write(name: string, operation: Operation, options: WriteOptions, asks: unknown, plan: Intent['plan']): Promise<WriteResult> {
    return this.#loop.run({name, operation, actor: options.actor, requestId: options.requestId, signal: options.signal, asks, plan});
  }
}

function headOf(release: NewRelease): HeadWrite {
  onlyKeys('release', release, ['product', 'schema', 'hashFunction']);
  const {hashFunction = 'sha512', schema = 1} = release;
  if (wholeNumber('release.schema', schema, 1) > MOST_SCHEMA) throw outOfRange('release.schema', schema, `at most ${MOST_SCHEMA}`);
  try {
    return newHead({product: checkName('product', release.product), schema, hashFunction: normaliseAlgorithm(hashFunction)});
  } catch (error) {
    throw error instanceof RangeError ? new InvalidDocument(`hashFunction: ${messageOf(error)}`, '/hashFunction', {cause: error}) : error;
  }
}

function checkTarget(target: Target): {name: string; path: string | undefined} {
  onlyKeys('target', target, ['name', 'path']);
  return {name: checkName('name', target.name), path: target.path === undefined ? undefined : checkPath(target.path)};
}

function baseOf({base, releaseBase}: PatchOptions, path: string | undefined): {partVersion: number} | {releaseVersion: number} {
  if ((base === undefined) === (releaseBase === undefined)) throw new TypeError('base: expected either base or releaseBase');
  if (base === undefined) return {releaseVersion: wholeNumber('releaseBase', releaseBase, 0)};
  return path === undefined ? {releaseVersion: wholeNumber('base', base, 0)} : {partVersion: wholeNumber('base', base, 0)};
}
