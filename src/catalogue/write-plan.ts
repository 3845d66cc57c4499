import {ReadOnlyRelease, UnknownRelease} from './catalogue-errors.js';
import type {ItemOutcome, NewRelease, Operation} from './contract.js';
import type {JsonObject} from '../core/json.js';
import type {HeadRow, HeadWrite, StoreView} from './store-contract.js';

/** A part's new body, and the version that it was decided on. */
export interface PartEdit {
  readonly path: string;
  readonly expected: number;
  /** Canonical JSON; undefined removes the part. */
  readonly body: string | undefined;
}

/** What a write comes to, decided on what was read; nothing of it is written yet. */
export interface WritePlan {
  /** The head that was read; undefined: there is no row. */
  readonly head: HeadRow | undefined;
  /** The head's new state: a history row of its own. */
  readonly headEdit?: {readonly write: HeadWrite; readonly operation: Operation} | undefined;
  readonly parts: readonly PartEdit[];
  /** Nothing else in the release may have changed either. */
  readonly wholeRelease?: boolean | undefined;
  /** It was combined with changes that the writer hadn't seen. */
  readonly merged: boolean;
  readonly items?: readonly ItemOutcome[] | undefined;
}

/** One request to write. */
export interface Intent {
  readonly name: string;
  readonly operation: Operation;
  readonly actor: string;
  readonly requestId: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** What it asks, for telling a repeat from another request with the same id. */
  readonly asks: unknown;
  /** Reads what it needs and decides; called once a try, so it keeps nothing. @throws CatalogueError when it is refused */
  plan(view: StoreView): Promise<WritePlan>;
}

/** The head as it is written. */
export function headWriteOf(head: HeadRow, changes: Partial<HeadWrite> = {}): HeadWrite {
  return {
    product: head.product, schema: head.schema, hashFunction: head.hashFunction, readOnly: head.readOnly, removed: head.removed, ...changes,
  };
}

/** The head as a new release has it. */
export function newHead(release: Required<{[K in keyof NewRelease]-?: NonNullable<NewRelease[K]>}>): HeadWrite {
  return {...release, readOnly: false, removed: false};
}

/** The head as its history rows and the diff show it. */
export function headDocument(head: HeadWrite): JsonObject {
  return {product: head.product, schema: head.schema, hashFunction: head.hashFunction, readOnly: head.readOnly};
}

/** The head of a release that exists. @throws UnknownRelease */
export async function livingHead(view: StoreView, name: string): Promise<HeadRow> {
  const head = await view.head(name);
  if (head === undefined || head.removed) throw new UnknownRelease(name);
  return head;
}

/** The head of a release that takes changes. @throws UnknownRelease, ReadOnlyRelease */
export async function openHead(view: StoreView, name: string): Promise<HeadRow> {
  const head = await livingHead(view, name);
  if (head.readOnly) throw new ReadOnlyRelease(name);
  return head;
}
