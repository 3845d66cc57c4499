import {createHash} from 'node:crypto';
import type {Clock} from '../core/clock.js';
import {InvalidDocument, Overloaded, OutcomeUnknown, RequestReused} from './catalogue-errors.js';
import type {Change, WriteResult} from './contract.js';
import {canonicalJson} from '../core/canonical-json.js';
import type {Json} from '../core/json.js';
import type {CatalogueStore, HeadRow, NewChange, PartWrite, RequestRow, StoreTransaction} from './store-contract.js';
import {headDocument, type Intent, type WritePlan} from './write-plan.js';

/** What the loop works with. */
export interface WriteLoopOptions {
  readonly store: CatalogueStore;
  readonly clock: Clock;
  /** Makes the ids of requests that came without one. */
  readonly newId: () => string;
}

/** Tries without the release's lock; the next ones hold it from the start, so nobody can come between. */
const FREE_TRIES = 5;
/** Only a release that is made by another at that moment can get in the way of these. */
const LOCKED_TRIES = 5;

/** A guard failed: another write came first. Never leaves this file. */
class LostRace extends Error {
}

/** Another request with the same id was committed meanwhile. Never leaves this file. */
class SeenRequest extends Error {
}

/** A plan, and what will be written of it. */
interface Writing {
  readonly intent: Intent;
  readonly id: string;
  readonly fingerprint: string;
  readonly attempts: number;
}

/**
 * The way of every write: read, decide, write under guards; when another write came first, again, each try in fresh
 * transactions. After five lost races it is decided under the release's lock, so that progress is guaranteed.
 */
export class WriteLoop {
  readonly #store: CatalogueStore;
  readonly #clock: Clock;
  readonly #newId: () => string;

  constructor(options: WriteLoopOptions) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#newId = options.newId;
  }

  /** @throws CatalogueError, and then nothing is written */
  async run(intent: Intent): Promise<WriteResult> {
    const id = intent.requestId ?? this.#newId();
    const fingerprint = fingerprintOf(intent);
    for (let attempts = 1; attempts <= FREE_TRIES + LOCKED_TRIES; attempts++) {
      intent.signal?.throwIfAborted();
      const writing: Writing = {intent, id, fingerprint, attempts};
      try {
        return await (attempts <= FREE_TRIES ? this.#free(writing) : this.#locked(writing));
      } catch (error) {
        if (!(error instanceof LostRace) && !(error instanceof SeenRequest)) throw error;
      }
    }
    throw new Overloaded(`release ${JSON.stringify(intent.name)} is changed faster than it can be written`, 1000);
  }

  async #free(writing: Writing): Promise<WriteResult> {
    const {intent} = writing;
    const read = await this.#store.read(async (view) => {
      const stored = intent.requestId === undefined ? undefined : await view.request(intent.actor, intent.requestId);
      return stored === undefined ? {plan: await intent.plan(view)} : {stored};
    }, intent);
    if (read.stored !== undefined) return replayed(read.stored, writing);
    const {plan} = read;
    if (isEmpty(plan) && intent.requestId === undefined) return resultOf(writing, plan, plan.head, []);
    return this.#commit(writing, () => plan, plan);
  }

  #locked(writing: Writing): Promise<WriteResult> {
    const {intent} = writing;
    return this.#commit(writing, async (transaction) => {
      await transaction.lock(intent.name);
      return intent.plan(transaction);
    });
  }

  async #commit(writing: Writing, decide: (transaction: StoreTransaction) => WritePlan | Promise<WritePlan>, known?: WritePlan):
  Promise<WriteResult> {
    const {intent} = writing;
    let planned = known;
    try {
      return await this.#store.write(async (transaction) => {
        const stored = intent.requestId === undefined ? undefined : await transaction.request(intent.actor, intent.requestId);
        if (stored !== undefined) return replayed(stored, writing);
        planned = await decide(transaction);
        return this.#apply(transaction, writing, planned);
      }, intent);
    } catch (error) {
      if (!(error instanceof OutcomeUnknown)) throw error;
      return this.#lookUp(writing, planned, error);
    }
  }

  async #apply(transaction: StoreTransaction, writing: Writing, plan: WritePlan): Promise<WriteResult> {
    const {intent} = writing;
    const time = Math.floor(this.#clock.time());
    let head = plan.head;
    let changes: Change[] = [];
    if (!isEmpty(plan)) {
      head = await this.#guarded(transaction, intent, plan, time);
      const rows = rowsOf(writing, plan, head, time);
      const {headEdit} = plan;
      if (headEdit !== undefined && !await transaction.writeHead(intent.name, head.headVersion, headEdit.write)) throw new LostRace();
      if (!await transaction.writeParts(intent.name, rows.filter(({path}) => path !== '').map(partWriteOf))) throw new LostRace();
      changes = await transaction.insertChanges(rows);
    }
    const result = resultOf(writing, plan, head, changes);
    if (intent.requestId !== undefined) {
      const row = {actor: intent.actor, id: intent.requestId, fingerprint: writing.fingerprint, time, result: JSON.stringify(result)};
      if (!await transaction.insertRequest(row)) throw new SeenRequest();
    }
    return result;
  }

  /** Counts the changes of the release in one guarded UPDATE, which takes its lock too. */
  async #guarded(transaction: StoreTransaction, intent: Intent, plan: WritePlan, time: number): Promise<HeadRow> {
    const {head, headEdit} = plan;
    if (head === undefined) {
      if (headEdit === undefined || !await transaction.insertHead(intent.name, headEdit.write, time)) throw new LostRace();
    }
    const advanced = await transaction.advance(intent.name, countOf(plan), time, {
      removed: head?.removed ?? true, readOnly: head?.readOnly ?? headEdit?.write.readOnly,
      version: plan.wholeRelease === true ? head?.version : undefined,
    });
    if (advanced === undefined) throw new LostRace();
    return advanced;
  }

  /** The connection was lost during COMMIT: under the release's lock one sees whether it was done. */
  async #lookUp(writing: Writing, plan: WritePlan | undefined, lost: OutcomeUnknown): Promise<WriteResult> {
    const {intent, id} = writing;
    let found: WriteResult | undefined;
    try {
      found = await this.#store.write(async (transaction) => {
        const head = await transaction.lock(intent.name);
        if (intent.requestId !== undefined) {
          const stored = await transaction.request(intent.actor, intent.requestId);
          return stored && {...replayed(stored, writing), replayed: false};
        }
        if (plan === undefined || head === undefined || isEmpty(plan)) return undefined;
        const changes = await transaction.changesOfRequest(intent.name, {from: (plan.head?.version ?? 0) + 1, to: head.version}, id);
        return changes.length === 0 ? undefined : resultOf(writing, plan, {...head, version: changes.at(-1)?.releaseVersion ?? 0}, changes);
      }, intent);
    } catch (error) {
      const unknown = new OutcomeUnknown(lost.message, id, {cause: lost.cause});
      unknown.suppressed = [error];
      throw unknown;
    }
    if (found === undefined) throw new LostRace();
    return found;
  }
}

function isEmpty(plan: WritePlan): boolean {
  return countOf(plan) === 0;
}

function countOf({headEdit, parts}: WritePlan): number {
  return parts.length + (headEdit === undefined ? 0 : 1);
}

/** The history rows; their releaseVersions end at the head's. A new head comes before its parts, a removed one after them. */
function rowsOf({intent, id}: Writing, plan: WritePlan, head: HeadRow, time: number): NewChange[] {
  const {headEdit} = plan;
  const common = {name: intent.name, actor: intent.actor, time, requestId: id};
  const rows = plan.parts.map(({path, expected, body}) =>
    ({...common, path, partVersion: expected + 1, operation: intent.operation, removed: body === undefined, body}));
  if (headEdit !== undefined) {
    const {write, operation} = headEdit;
    const body = write.removed ? undefined : canonicalJson(headDocument(write));
    const row = {...common, path: '', partVersion: head.headVersion + 1, operation, removed: write.removed, body};
    if (write.removed) rows.push(row);
    else rows.unshift(row);
  }
  return rows.map((row, index) => ({...row, releaseVersion: head.version - rows.length + 1 + index}));
}

function partWriteOf({path, partVersion, releaseVersion, body}: NewChange): PartWrite {
  return {path, expected: partVersion - 1, releaseVersion, body};
}

function resultOf({intent, attempts}: Writing, plan: WritePlan, head: HeadRow | undefined, changes: readonly Change[]): WriteResult {
  return {
    name: intent.name, version: head?.version ?? 0, attempts, merged: plan.merged || (attempts > 1 && changes.length > 0), changes,
    replayed: false,
    ...(plan.items === undefined ? {} : {items: plan.items}),
  };
}

function replayed(stored: RequestRow, {intent, fingerprint}: Writing): WriteResult {
  if (stored.fingerprint !== fingerprint) {
    throw new RequestReused(`request id ${JSON.stringify(intent.requestId)} was used for another request`);
  }
  return {...JSON.parse(stored.result) as WriteResult, replayed: true};
}

/** Only asked of requests that came with an id. @throws InvalidDocument */
function fingerprintOf({name, operation, asks, requestId}: Intent): string {
  if (requestId === undefined) return '';
  try {
    // Through JSON, so that members that are undefined count as absent.
    const asked = JSON.parse(JSON.stringify({name, operation, asks})) as Json;
    return createHash('sha256').update(canonicalJson(asked)).digest('hex');
  } catch (error) {
    throw new InvalidDocument('the request is no JSON', undefined, {cause: error});
  }
}
