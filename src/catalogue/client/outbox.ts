import {randomUUID} from 'node:crypto';
import {resolve} from 'node:path';
import {SystemClock, type Clock} from '../../core/clock.js';
import {SystemDisk, type Disk} from '../../core/disk.js';
import {misuse, onlyKeys, wholeNumber} from '../../core/options.js';
import type {OwnerState, ProcessOwner} from '../../core/process-owner.js';
import {CatalogueError, InvalidDocument} from '../catalogue-errors.js';
import {checkName, checkWrite} from '../catalogue-limits.js';
import type {Fact, PublishOptions, ReleaseCatalogue, WriteResult} from '../contract.js';
import {OutboxFile} from './outbox-file.js';
import {OutboxSender, type SendResult} from './outbox-sender.js';
import type {OutboxEntry, OutboxLine, RefusedEntry} from './outbox-state.js';
import {isPassing} from './passing-fault.js';
import {SharedRun} from './shared-run.js';

/** What an outbox is made with. */
export interface OutboxOptions {
  /** Its file, which is made when it is missing. Its folder must be there. */
  readonly path: string;
  /** Where publications go: a CatalogueClient, or any other catalogue. */
  readonly catalogue: Pick<ReleaseCatalogue, 'publish'>;
  /** Bytes above which it takes no more. @default 64 MiB */
  readonly maxBytes?: number | undefined;
  /** @default the machine's */
  readonly disk?: Disk | undefined;
  /** @default SystemClock */
  readonly clock?: Clock | undefined;
  /** For the pauses, from 0 to 1, 1 excluded. @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Makes the ids of publications that come without one. @default random UUIDs */
  readonly newId?: (() => string) | undefined;
  /** Whether a process still runs. @default asks the system */
  readonly stateOf?: ((owner: ProcessOwner) => OwnerState) | undefined;
}

/** What became of a publication. */
export type OutboxResult =
  {readonly outcome: 'published'; readonly requestId: string; readonly result: WriteResult} |
  /** It is on the medium, and `send` will bring it in. `reason`: why it wasn't published at once; undefined: it wasn't tried. */
  {readonly outcome: 'queued'; readonly requestId: string; readonly reason: CatalogueError | undefined};

const KEYS = ['path', 'catalogue', 'maxBytes', 'disk', 'clock', 'random', 'newId', 'stateOf'];

/**
 * Keeps publications while the catalogue is away, in a file that survives a kill and a power cut, and sends each exactly
 * once later, those of a release in their order. One that is refused for good is set aside with its reason. Any number of
 * processes may use one file; one of them at a time sends.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #file: OutboxFile;
  readonly #clock: Clock;
  readonly #sender: OutboxSender;
  #sending: SharedRun<SendResult> | undefined;

  private constructor(options: OutboxOptions, file: OutboxFile, clock: Clock) {
    const {catalogue, random = Math.random} = options;
    this.#options = options;
    this.#file = file;
    this.#clock = clock;
    this.#sender = new OutboxSender({file, catalogue, clock, random});
  }

  /** Opens an outbox, or makes one. @throws OutboxFault; TypeError naming the option, also when the file is something else */
  static async open(options: OutboxOptions): Promise<Outbox> {
    onlyKeys('outbox', options, KEYS);
    const {path, catalogue, disk = new SystemDisk(), clock = new SystemClock(), stateOf} = options;
    if (typeof path !== 'string' || path === '') throw misuse('outbox.path', path, 'the path of a file');
    if (typeof (catalogue as Partial<typeof catalogue> | undefined)?.publish !== 'function') {
      throw misuse('outbox.catalogue', catalogue, 'a ReleaseCatalogue');
    }
    const maxBytes = wholeNumber('outbox.maxBytes', options.maxBytes ?? 64 * 1024 * 1024, 1);
    const file = new OutboxFile({disk, path: resolve(path), clock, maxBytes, stateOf});
    await file.open();
    return new Outbox(options, file, clock);
  }

  /**
   * Publishes, or keeps it for later: while the catalogue is away, and while an earlier publication for the release waits.
   *
   * @throws what `publish` of the catalogue throws when it is refused for good, OutboxFault when it can't be kept
   */
  async publish(name: string, facts: readonly Fact[], options: PublishOptions): Promise<OutboxResult> {
    checkName('name', name);
    checkWrite(options, ['create', 'perItem']);
    if (!Array.isArray(facts)) throw misuse('facts', facts, 'a list of facts');
    const entry = this.#entryOf(name, facts, options);
    if (this.#sender.pause > 0 || await this.#mustWait(name, options.signal)) return this.#queue(entry, undefined);
    try {
      const result = await this.#options.catalogue.publish(name, entry.facts, {...options, requestId: entry.id});
      this.#sender.met();
      return {outcome: 'published', requestId: entry.id, result};
    } catch (error) {
      if (!(error instanceof CatalogueError) || !isPassing(error)) throw error;
      this.#sender.missed();
      return this.#queue(entry, error);
    }
  }

  /**
   * Sends what waits, until nothing does or the catalogue is away. A call while another one runs gets its outcome.
   *
   * @throws OutboxFault; the signal's reason
   */
  async send({signal}: {readonly signal?: AbortSignal | undefined} = {}): Promise<SendResult> {
    while (this.#sending?.ended === true) await this.#sending.settled;
    this.#sending ??= new SharedRun((all) => this.#sender.send(all).finally(() => { this.#sending = undefined; }));
    return this.#sending.join(signal);
  }

  /** Sends what waits, again and again, until the signal is aborted. @param every ms between two looks. @throws OutboxFault */
  async keepSending({signal, every = 5000}: {readonly signal: AbortSignal; readonly every?: number | undefined}): Promise<void> {
    wholeNumber('every', every, 1);
    try {
      while (!signal.aborted) {
        await this.send({signal});
        await this.#clock.wait(Math.max(every, this.#sender.pause), signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** What waits, in the order in which it is sent. @throws OutboxFault */
  async pending(): Promise<OutboxEntry[]> {
    return [...(await this.#file.state()).pending.values()];
  }

  /** What was refused for good, and why. @throws OutboxFault */
  async refused(): Promise<RefusedEntry[]> {
    return [...(await this.#file.state()).refused.values()];
  }

  /** Lets one that was refused wait again, behind the others: what was in its way was mended. @throws RangeError, OutboxFault */
  async retry(id: string): Promise<void> {
    await this.#settle(id, {again: id});
  }

  /** Forgets one that was refused. @throws RangeError, OutboxFault */
  async drop(id: string): Promise<void> {
    await this.#settle(id, {dropped: id});
  }

  /** Waits for what is under way. Nothing is lost without it. */
  async close(): Promise<void> {
    await this.#sending?.settled;
    await this.#file.idle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #entryOf(name: string, facts: readonly Fact[], {actor, create, perItem, requestId}: PublishOptions): OutboxEntry {
    const id = requestId ?? (this.#options.newId ?? randomUUID)();
    const entry = {id, time: Math.floor(this.#clock.time()), name, facts, actor, create, perItem};
    try {
      // As it is now: the caller may change its facts while they wait.
      return JSON.parse(JSON.stringify(entry)) as OutboxEntry;
    } catch (error) {
      throw new InvalidDocument('the facts are no JSON', undefined, {cause: error});
    }
  }

  /** Whether it would overtake another one. What waits is sent first, if it can be. */
  async #mustWait(name: string, signal: AbortSignal | undefined): Promise<boolean> {
    if (!(await this.#file.state()).awaits(name)) return false;
    await this.send({signal});
    return (await this.#file.state()).awaits(name);
  }

  async #queue(entry: OutboxEntry, reason: CatalogueError | undefined): Promise<OutboxResult> {
    await this.#file.append([{entry}]);
    return {outcome: 'queued', requestId: entry.id, reason};
  }

  async #settle(id: string, line: OutboxLine): Promise<void> {
    if (!(await this.#file.state()).refused.has(id)) throw new RangeError(`id: expected one that was refused, got ${JSON.stringify(id)}`);
    await this.#file.append([line]);
  }
}
