import type {Clock} from '../../core/clock.js';
import type {
  Change, ChangesOptions, ChangeWithDocument, Fact, GuardedOptions, HistoryOptions, ListOptions, Moment, NewRelease, PartDifference,
  PartMoment, PartState, Patch, PatchOptions, PublishOptions, ReleaseCatalogue, ReleaseHead, ReleaseState, RevertOptions, Target,
  WriteOptions, WriteResult,
} from '../contract.js';
import type {JsonObject} from '../../core/json.js';
import {problemOf} from './problem.js';

/** The address at which a server tells its counts. */
export const STATS_PATH = '/stats';

/** What became of the writes of one server since it was started. Each write is one of `changed` to `failed`. */
export interface WriteCounts {
  /** When the server was started, epoch ms. */
  readonly since: number;
  readonly writes: number;
  /** It changed something. */
  readonly changed: number;
  /** All of it was there already. */
  readonly unchanged: number;
  /** It was a repeat, and got the stored answer. */
  readonly replayed: number;
  /** It met a real conflict; in per-item mode, one of its facts did. */
  readonly conflicts: number;
  /** It was for a version that had moved on. */
  readonly stale: number;
  /** It was refused for another reason. */
  readonly refused: number;
  /** The database was locked or away, or the client left. */
  readonly failed: number;
  /** Of those that changed something: combined with changes that the writer hadn't seen. */
  readonly merged: number;
  /** Took more than one try. */
  readonly retried: number;
}

type Outcome = 'changed' | 'unchanged' | 'replayed' | 'conflicts' | 'stale' | 'refused' | 'failed';

const NONE = {changed: 0, unchanged: 0, replayed: 0, conflicts: 0, stale: 0, refused: 0, failed: 0, merged: 0, retried: 0};

/** A catalogue that counts what becomes of writes: conflicts leave no trace in the history, so only who sees them can. */
export class CountedCatalogue implements ReleaseCatalogue {
  readonly #catalogue: ReleaseCatalogue;
  readonly #since: number;
  readonly #counts = {...NONE};

  constructor(catalogue: ReleaseCatalogue, clock: Pick<Clock, 'time'>) {
    this.#catalogue = catalogue;
    this.#since = Math.floor(clock.time());
  }

  /** The counts as they are now. */
  get counts(): WriteCounts {
    const {merged, retried, ...outcomes} = this.#counts;
    const writes = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
    return {since: this.#since, writes, ...outcomes, merged, retried};
  }

  create(name: string, release: NewRelease, options: WriteOptions): Promise<WriteResult> {
    return this.#count(this.#catalogue.create(name, release, options));
  }

  publish(name: string, facts: readonly Fact[], options: PublishOptions): Promise<WriteResult> {
    return this.#count(this.#catalogue.publish(name, facts, options));
  }

  patch(target: Target, patch: Patch, options: PatchOptions): Promise<WriteResult> {
    return this.#count(this.#catalogue.patch(target, patch, options));
  }

  replace(target: Target, document: JsonObject, options: GuardedOptions): Promise<WriteResult> {
    return this.#count(this.#catalogue.replace(target, document, options));
  }

  remove(target: Target, options: GuardedOptions): Promise<WriteResult> {
    return this.#count(this.#catalogue.remove(target, options));
  }

  setReadOnly(name: string, readOnly: boolean, options: GuardedOptions): Promise<WriteResult> {
    return this.#count(this.#catalogue.setReadOnly(name, readOnly, options));
  }

  revert(change: number, options: RevertOptions): Promise<WriteResult> {
    return this.#count(this.#catalogue.revert(change, options));
  }

  get(name: string, moment?: Moment): Promise<ReleaseState> {
    return this.#catalogue.get(name, moment);
  }

  getPart(name: string, path: string, moment?: PartMoment): Promise<PartState> {
    return this.#catalogue.getPart(name, path, moment);
  }

  list(options?: ListOptions): Promise<ReleaseHead[]> {
    return this.#catalogue.list(options);
  }

  history(name: string, options?: HistoryOptions): Promise<Change[]> {
    return this.#catalogue.history(name, options);
  }

  change(seq: number): Promise<ChangeWithDocument> {
    return this.#catalogue.change(seq);
  }

  diff(name: string, from: number, to: number): Promise<PartDifference[]> {
    return this.#catalogue.diff(name, from, to);
  }

  changes(options?: ChangesOptions): Promise<Change[]> {
    return this.#catalogue.changes(options);
  }

  async #count(writing: Promise<WriteResult>): Promise<WriteResult> {
    try {
      const result = await writing;
      this.#counts[outcomeOf(result)]++;
      if (result.replayed) return result;
      if (result.merged) this.#counts.merged++;
      if (result.attempts > 1) this.#counts.retried++;
      return result;
    } catch (error) {
      this.#counts[faultOf(error)]++;
      throw error;
    }
  }
}

function outcomeOf({replayed, changes, items = []}: WriteResult): Outcome {
  if (replayed) return 'replayed';
  if (items.some(({conflicts = []}) => conflicts.length > 0)) return 'conflicts';
  return changes.length > 0 ? 'changed' : 'unchanged';
}

function faultOf(error: unknown): Outcome {
  const body = problemOf(error)?.body;
  if (body?.code === 'MERGE_CONFLICT') return 'conflicts';
  if (body?.code === 'STALE_VERSION') return 'stale';
  return body !== undefined && body.status < 500 ? 'refused' : 'failed';
}
