import {onlyKeys, wholeNumber} from '../core/options.js';
import {documentOf} from './ancestors.js';
import {UnknownPart, UnknownRelease, UnknownVersion} from './catalogue-errors.js';
import type {ChangeWithDocument, Moment, PartDifference, PartMoment, PartState, ReleaseHead, ReleaseState} from './contract.js';
import {difference} from './merge/difference.js';
import type {JsonObject} from '../core/json.js';
import type {MergePolicy} from './merge/merge-policy.js';
import type {ChangeRow, HeadRow, PartRow, StoreView} from './store-contract.js';

/** What may be known of a moment. @throws TypeError or RangeError */
export function checkMoment(moment: PartMoment, known: readonly string[] = ['version', 'at']): void {
  onlyKeys('moment', moment, known);
  const given = known.filter((key) => moment[key as keyof PartMoment] !== undefined);
  if (given.length > 1) throw new TypeError(`moment: expected one of ${known.join(', ')}, got ${given.join(' and ')}`);
  if (moment.version !== undefined) wholeNumber('version', moment.version, 1);
  if (moment.partVersion !== undefined) wholeNumber('partVersion', moment.partVersion, 1);
  if (moment.at !== undefined && !Number.isFinite(moment.at)) throw new TypeError('at: expected epoch milliseconds');
}

/** Reads states of one release from one consistent view. */
export class ReleaseReader {
  readonly #view: StoreView;
  readonly #name: string;

  constructor(view: StoreView, name: string) {
    this.#view = view;
    this.#name = name;
  }

  /** @throws UnknownRelease when it never was; one that was removed passes */
  async exists(): Promise<void> {
    await this.#row();
  }

  /** @throws UnknownRelease, UnknownVersion */
  async release(moment: Moment): Promise<ReleaseState> {
    const head = await this.#row();
    const version = await this.#versionAt(head, moment);
    if (version === undefined || version === head.version) {
      if (head.removed) throw new UnknownRelease(this.#name);
      const rows = await this.#view.parts(this.#name);
      return {...shownHead(head), parts: rows.flatMap((row) => row.body === undefined ? [] : [stateOf(row)])};
    }
    const past = await this.#headAt(head, version);
    if (past === undefined) throw new UnknownRelease(this.#name);
    const changes = await this.#view.changesAt(this.#name, version);
    return {...past, parts: changes.flatMap((change) => change.removed ? [] : [pastState(change)])};
  }

  /** @throws UnknownRelease, UnknownPart, UnknownVersion */
  async part(path: string, moment: PartMoment): Promise<PartState> {
    const head = await this.#row();
    const row = await this.#view.part(this.#name, path);
    if (moment.partVersion !== undefined && moment.partVersion !== row?.version) {
      const change = await this.#view.changeOf(this.#name, path, moment.partVersion);
      if (change === undefined) throw new UnknownVersion(`part ${JSON.stringify(path)} has no version ${moment.partVersion}`);
      if (change.removed) throw new UnknownPart(this.#name, path);
      return pastState(change);
    }
    const version = await this.#versionAt(head, moment);
    if (version !== undefined && row !== undefined && row.releaseVersion > version) {
      const change = await this.#view.changeAt(this.#name, path, version);
      if (change === undefined || change.removed) throw new UnknownPart(this.#name, path);
      return pastState(change);
    }
    if (version === undefined && moment.partVersion === undefined && head.removed) throw new UnknownRelease(this.#name);
    if (row?.body === undefined) throw new UnknownPart(this.#name, path);
    return stateOf(row);
  }

  /** The parts that differ, by path; the head first. `from` and `to` may be 0: nothing. */
  async difference(from: number, to: number, policyOf: (schema: number) => MergePolicy): Promise<PartDifference[]> {
    const head = await this.#row();
    const policy = policyOf(head.schema);
    const [before, after] = [await this.#rowsAt(head, from), await this.#rowsAt(head, to)];
    const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
    return paths.flatMap((path): PartDifference[] => {
      const [old, now] = [before.get(path), after.get(path)];
      if (old?.partVersion === now?.partVersion) return [];
      const changes = difference(pastDocument(old), pastDocument(now), policy);
      return changes.length === 0 ? [] : [{path, changes}];
    });
  }

  /** The row of the release, removed or not. */
  async #row(): Promise<HeadRow> {
    const head = await this.#view.head(this.#name);
    if (head === undefined) throw new UnknownRelease(this.#name);
    return head;
  }

  async #versionAt(head: HeadRow, {version, at}: Moment): Promise<number | undefined> {
    if (version !== undefined) return this.#existing(head, version);
    if (at === undefined) return undefined;
    const found = await this.#view.versionAt(this.#name, at);
    if (found === undefined) throw new UnknownVersion(`release ${JSON.stringify(this.#name)} has no version of that time or before`);
    return found;
  }

  #existing(head: HeadRow, version: number): number {
    if (version > head.version) {
      throw new UnknownVersion(`release ${JSON.stringify(this.#name)} has no version ${version}, only ${head.version}`);
    }
    return version;
  }

  async #headAt(head: HeadRow, version: number): Promise<ReleaseHead | undefined> {
    const change = await this.#view.changeAt(this.#name, '', version);
    if (change === undefined || change.removed) return undefined;
    const [last] = await this.#view.history({name: this.#name, path: undefined, before: version + 1, limit: 1});
    const {product, schema, hashFunction, readOnly} = documentOf(change) as unknown as ReleaseHead;
    return {name: head.name, product, schema, hashFunction, readOnly, version, time: last?.time ?? change.time};
  }

  async #rowsAt(head: HeadRow, version: number): Promise<Map<string, ChangeRow>> {
    if (version === 0) return new Map();
    this.#existing(head, version);
    const top = await this.#view.changeAt(this.#name, '', version);
    const rows = await this.#view.changesAt(this.#name, version);
    return new Map([...(top === undefined ? [] : [top]), ...rows].map((row) => [row.path, row]));
  }
}

/** A head as callers see it. */
export function shownHead({name, product, schema, hashFunction, readOnly, version, time}: HeadRow): ReleaseHead {
  return {name, product, schema, hashFunction, readOnly, version, time};
}

/** A history row as callers see it, with its document. */
export function shownChange({body, ...change}: ChangeRow): ChangeWithDocument {
  return {...change, document: documentOf({body})};
}

function stateOf(row: PartRow): PartState {
  return {path: row.path, version: row.version, releaseVersion: row.releaseVersion, document: documentOf(row) ?? {}};
}

function pastState(change: ChangeRow): PartState {
  const document = pastDocument(change) ?? {};
  return {path: change.path, version: change.partVersion, releaseVersion: change.releaseVersion, document};
}

function pastDocument(change: ChangeRow | undefined): JsonObject | undefined {
  if (change?.pruned === true) {
    throw new UnknownVersion(`the document of ${JSON.stringify(change.path)} at version ${change.partVersion} was pruned`);
  }
  return documentOf(change);
}
