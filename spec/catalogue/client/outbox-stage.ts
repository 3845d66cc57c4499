import {Outbox, type OutboxOptions} from '../../../src/catalogue/client/outbox.js';
import {Unreachable} from '../../../src/catalogue/client/client-errors.js';
import type {CatalogueError} from '../../../src/catalogue/catalogue-errors.js';
import type {Fact, PublishOptions, ReleaseCatalogue, WriteResult} from '../../../src/catalogue/contract.js';
import {TestClock, useTempFolder, type TempFolder} from '../../../src/testing/index.js';

/** What a catalogue of a spec was asked to publish. */
export interface Publication extends Pick<PublishOptions, 'actor' | 'requestId' | 'create' | 'perItem'> {
  readonly name: string;
  readonly facts: readonly Fact[];
}

/** A catalogue that only publishes: it can be away, and refuse. It does each request once, as a real one does. */
export class TestCatalogue implements Pick<ReleaseCatalogue, 'publish'> {
  /** Every request. */
  readonly asked: Publication[] = [];
  /** Those that were done. */
  readonly done: Publication[] = [];
  /** Nobody can reach it. */
  away = false;
  /** What a request is refused with. */
  refuse: ((asked: Publication) => CatalogueError | TypeError | undefined) | undefined;
  /** What happens before it answers. */
  meanwhile: ((asked: Publication) => Promise<unknown>) | undefined;
  /** More of what it answers. */
  answer: Partial<WriteResult> = {};

  async publish(name: string, facts: readonly Fact[], {actor, requestId, create, perItem, signal}: PublishOptions): Promise<WriteResult> {
    signal?.throwIfAborted();
    const publication = {name, facts, actor, requestId, create, perItem};
    this.asked.push(publication);
    if (this.away) throw new Unreachable('away', false);
    await this.meanwhile?.(publication);
    const refusal = this.refuse?.(publication);
    if (refusal !== undefined) throw refusal;
    const replayed = this.done.some((before) => before.requestId === requestId);
    if (!replayed) this.done.push(publication);
    return {name, version: this.done.length, attempts: 1, merged: false, changes: [], replayed, ...this.answer};
  }

  /** Which requests were done, in their order. */
  get ids(): (string | undefined)[] {
    return this.done.map(({requestId}) => requestId);
  }
}

/** A catalogue, and outboxes before it that share a file. */
export interface OutboxStage {
  readonly folder: TempFolder;
  readonly path: string;
  readonly catalogue: TestCatalogue;
  /** Of every outbox. */
  readonly clock: TestClock;
  open(options?: Partial<OutboxOptions>): Promise<Outbox>;
}

/** Call it inside a `describe`. Ids are `n1`, `n2` …; the pause after the catalogue was away is 2.5 s, and doubles. */
export function useOutboxStage(): OutboxStage {
  let opened: Outbox[] = [];
  // Before the folder goes: hooks run in the order in which they were made.
  afterEach(async () => {
    for (const outbox of opened) await outbox.close();
    opened = [];
  });
  const folder = useTempFolder();
  let catalogue: TestCatalogue;
  let clock: TestClock;
  let count = 0;
  beforeEach(() => {
    catalogue = new TestCatalogue();
    clock = new TestClock({autoAdvance: true});
    count = 0;
  });
  return {
    folder,
    get path() { return folder.join('outbox.jsonl'); },
    get catalogue() { return catalogue; },
    get clock() { return clock; },
    open: async (options = {}) => {
      const path = folder.join('outbox.jsonl');
      const outbox = await Outbox.open({path, catalogue, clock, random: () => 0.5, newId: () => `n${++count}`, ...options});
      opened.push(outbox);
      return outbox;
    },
  };
}
