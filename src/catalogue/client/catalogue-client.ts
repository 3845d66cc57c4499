import {misuse, onlyKeys, wholeNumber} from '../../core/options.js';
import {checkGuard, checkName, checkPath, checkWrite, jsonOf, pageSize} from '../catalogue-limits.js';
import type {
  Change, ChangesOptions, ChangeWithDocument, Fact, GuardedOptions, HistoryOptions, ListOptions, Moment, NewRelease, PartDifference,
  PartMoment, PartState, Patch, PatchOptions, PublishOptions, ReleaseCatalogue, ReleaseHead, ReleaseState, RevertOptions, Target,
  WriteOptions, WriteResult,
} from '../contract.js';
import type {JsonObject} from '../../core/json.js';
import {MAX_DEPTH} from '../merge/json-limits.js';
import {checkMoment} from '../release-reader.js';
import {HEADERS, MEDIA} from '../server/routes-contract.js';
import {partsPath, releasePath} from '../server/url-names.js';
import {ForeignAnswer} from './client-errors.js';
import {clientSettings, type CatalogueClientOptions, type ClientSettings} from './client-options.js';
import {publishBatches, type BatchesResult, type BatchOptions} from './fact-batches.js';
import {jsonBody, linesBody} from './request-body.js';
import {baseHeader, guardHeader, withQuery, writeHeaders} from './request-headers.js';
import {RequestLoop, type Reply, type Request} from './request-loop.js';
import {updateDocument, type DocumentChange, type UpdateOptions} from './update-loop.js';

/** A request that reads. */
type Reading = Pick<Request, 'path' | 'subject'>;
/** A request that writes. */
type Writing = Omit<Request, 'requestId' | 'signal'> & {readonly options: WriteOptions};

/**
 * A catalogue on a server, used as one that is here (docs/reference/catalogue-client.md). Requests that met a fault of the
 * way or of the server are repeated; each write has an Idempotency-Key, so that it is done once however often it was sent.
 */
export class CatalogueClient implements ReleaseCatalogue {
  readonly #settings: ClientSettings;
  readonly #loop: RequestLoop;

  /** @throws TypeError or RangeError naming the option */
  constructor(options: CatalogueClientOptions) {
    this.#settings = clientSettings(options);
    this.#loop = new RequestLoop(this.#settings);
  }

  async create(name: string, release: NewRelease, options: WriteOptions): Promise<WriteResult> {
    checkName('name', name);
    checkWrite(options);
    checkRelease(release);
    return this.#write({method: 'POST', path: '/releases', subject: {name}, body: jsonBody({name, ...release}), options});
  }

  async publish(name: string, facts: readonly Fact[], options: PublishOptions): Promise<WriteResult> {
    checkName('name', name);
    checkWrite(options, ['create', 'perItem']);
    if (!Array.isArray(facts)) throw misuse('facts', facts, 'a list of facts');
    const {create, perItem} = options;
    if (create !== undefined) checkRelease(create);
    const path = withQuery(`${releasePath(name)}/facts`, {perItem, ...create});
    return this.#write({method: 'POST', path, subject: {name}, body: linesBody(facts), options});
  }

  /** Publishes any number of facts, as they come, in batches of which each is all or nothing. @throws what `publish` throws */
  publishAll(name: string, facts: Iterable<Fact> | AsyncIterable<Fact>, options: BatchOptions): Promise<BatchesResult> {
    return publishBatches(this, name, facts, options);
  }

  async patch(target: Target, patch: Patch, options: PatchOptions): Promise<WriteResult> {
    const {path, subject} = targetOf(target);
    checkWrite(options, ['base', 'releaseBase']);
    const {base, releaseBase} = options;
    if ((base === undefined) === (releaseBase === undefined)) throw new TypeError('base: expected either base or releaseBase');
    wholeNumber(base === undefined ? 'releaseBase' : 'base', base ?? releaseBase, 0);
    const type = Array.isArray(patch) ? MEDIA.jsonPatch : MEDIA.mergePatch;
    // A whole release has only one kind of version, and one header for it.
    const headers = baseHeader(target.path === undefined ? {...options, base: base ?? releaseBase} : options);
    return this.#write({method: 'PATCH', path, subject, headers, body: jsonBody(jsonOf(patch), type), options});
  }

  async replace(target: Target, document: JsonObject, options: GuardedOptions): Promise<WriteResult> {
    const {path, subject} = targetOf(target);
    const headers = guardOf(options);
    const body = jsonBody(jsonOf(document, '', target.path === undefined ? MAX_DEPTH + 1 : MAX_DEPTH));
    return this.#write({method: 'PUT', path, subject, headers, body, options});
  }

  /**
   * Changes a document by a function, which is called again with a fresh document when another writer was quicker.
   *
   * @returns undefined when the function changed nothing
   * @throws StaleVersion when too many races were lost, MergeConflict, UnknownRelease; what the function throws
   */
  update(target: Target, change: DocumentChange, options: UpdateOptions): Promise<WriteResult | undefined> {
    const {clock, random} = this.#settings;
    return updateDocument({catalogue: this, clock, random}, target, change, options);
  }

  async remove(target: Target, options: GuardedOptions): Promise<WriteResult> {
    const {path, subject} = targetOf(target, false);
    return this.#write({method: 'DELETE', path, subject, headers: guardOf(options, true), options});
  }

  async setReadOnly(name: string, readOnly: boolean, options: GuardedOptions): Promise<WriteResult> {
    checkName('name', name);
    if (typeof readOnly !== 'boolean') throw misuse('readOnly', readOnly, 'true or false');
    const headers = guardOf(options, true);
    const path = `${releasePath(name)}/read-only`;
    return this.#write({method: 'PUT', path, subject: {name}, headers, body: jsonBody({readOnly}), options});
  }

  async revert(change: number, options: RevertOptions): Promise<WriteResult> {
    wholeNumber('change', change, 1);
    checkWrite(options, ['ifVersion']);
    const headers = options.ifVersion === undefined ? {} : guardHeader(checkGuard(options.ifVersion));
    return this.#write({method: 'POST', path: `/changes/${change}/revert`, subject: {}, headers, options});
  }

  async get(name: string, moment: Moment = {}): Promise<ReleaseState> {
    checkName('name', name);
    checkMoment(moment);
    return (await this.#read({path: withQuery(releasePath(name), momentOf(moment)), subject: {name}})).value as ReleaseState;
  }

  async getPart(name: string, path: string, moment: PartMoment = {}): Promise<PartState> {
    checkName('name', name);
    checkPath(path);
    checkMoment(moment, ['version', 'at', 'partVersion']);
    const {headers, value} = await this.#read({path: withQuery(partsPath(name, path), momentOf(moment)), subject: {name, path}});
    const version = Number(/^(?:W\/)?"(\d+)"$/.exec(headers.etag ?? '')?.[1]);
    const releaseVersion = Number(headers[HEADERS.releaseVersion.toLowerCase()]);
    if (Number.isNaN(version + releaseVersion)) throw new ForeignAnswer('the answer names no version; a proxy may have dropped its headers', 200);
    return {path, version, releaseVersion, document: value as JsonObject};
  }

  async list(options: ListOptions = {}): Promise<ReleaseHead[]> {
    onlyKeys('options', options, ['product', 'after', 'limit']);
    const {product, after} = options;
    if (product !== undefined) checkName('product', product);
    if (after !== undefined) checkName('after', after);
    return this.#page('releases', {path: withQuery('/releases', {...options, limit: pageSize(options.limit)}), subject: {}});
  }

  async history(name: string, options: HistoryOptions = {}): Promise<Change[]> {
    checkName('name', name);
    onlyKeys('options', options, ['path', 'before', 'limit']);
    const {path, before} = options;
    if (path !== undefined && path !== '') checkPath(path);
    if (before !== undefined) wholeNumber('before', before, 1);
    const query = {...options, limit: pageSize(options.limit)};
    return this.#page('changes', {path: withQuery(`${releasePath(name)}/history`, query), subject: {name}});
  }

  async change(seq: number): Promise<ChangeWithDocument> {
    wholeNumber('seq', seq, 1);
    const {value} = await this.#read({path: `/changes/${seq}`, subject: {}});
    const row = value as ChangeWithDocument;
    return {...row, document: row.document};
  }

  async diff(name: string, from: number, to: number): Promise<PartDifference[]> {
    checkName('name', name);
    wholeNumber('from', from, 0);
    wholeNumber('to', to, 0);
    return this.#page('parts', {path: withQuery(`${releasePath(name)}/diff`, {from, to}), subject: {name}});
  }

  async changes(options: ChangesOptions = {}): Promise<Change[]> {
    onlyKeys('options', options, ['after', 'name', 'limit']);
    const {name} = options;
    if (name !== undefined) checkName('name', name);
    const after = wholeNumber('after', options.after ?? 0, 0);
    return this.#page('changes', {path: withQuery('/changes', {after, name, limit: pageSize(options.limit)}), subject: {name}});
  }

  /** Ends the connections, and what is under way. */
  async close(): Promise<void> {
    this.#loop.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #read(reading: Reading): Promise<Reply> {
    return this.#loop.run({...reading, method: 'GET'});
  }

  async #page<T>(member: string, reading: Reading): Promise<T[]> {
    const {value} = await this.#read(reading);
    const page = (value as Record<string, unknown> | null)?.[member];
    if (!Array.isArray(page)) throw new ForeignAnswer(`expected a list of ${member}, the answer has none`, 200);
    return page as T[];
  }

  async #write({options, headers, ...rest}: Writing): Promise<WriteResult> {
    const requestId = options.requestId ?? this.#settings.newId();
    const all = {...headers, ...writeHeaders(options, requestId)};
    const {value} = await this.#loop.run({...rest, requestId, signal: options.signal, headers: all});
    return value as WriteResult;
  }
}

/** @throws TypeError, RangeError, InvalidName */
function checkRelease(release: NewRelease): void {
  onlyKeys('release', release, ['product', 'schema', 'hashFunction']);
  checkName('product', release.product);
  if (release.schema !== undefined) wholeNumber('release.schema', release.schema, 1);
}

/** The server takes whole ms since 1970. */
function momentOf(moment: PartMoment): Record<string, number | undefined> {
  return moment.at === undefined ? {...moment} : {at: Math.min(Math.max(0, Math.floor(moment.at)), 1e15 - 1)};
}

function targetOf(target: Target, allParts = true): Pick<Request, 'path' | 'subject'> {
  onlyKeys('target', target, ['name', 'path']);
  const {name, path} = target;
  checkName('name', name);
  if (path !== undefined) checkPath(path);
  return {path: path === undefined && !allParts ? releasePath(name) : partsPath(name, path), subject: {name, path}};
}

/** @param existing nothing can be done to what must not exist: no version satisfies that */
function guardOf(options: GuardedOptions, existing = false): Record<string, string> {
  checkWrite(options, ['ifVersion']);
  const ifVersion = checkGuard(options.ifVersion);
  return existing && ifVersion === 0 ? {'If-Match': '"0"'} : guardHeader(ifVersion);
}
