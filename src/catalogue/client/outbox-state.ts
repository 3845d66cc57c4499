import type {Fact, NewRelease} from '../contract.js';

/** A publication that waits. */
export interface OutboxEntry {
  /** Its Idempotency-Key: sent again and again, it is done once. */
  readonly id: string;
  /** When it was taken, epoch ms. */
  readonly time: number;
  readonly name: string;
  readonly facts: readonly Fact[];
  readonly actor: string;
  readonly create?: NewRelease | undefined;
  readonly perItem?: boolean | undefined;
}

/** A publication that will never be taken as it is. */
export interface RefusedEntry extends OutboxEntry {
  /** The code of the error that it met, and its message. */
  readonly code: string;
  readonly message: string;
}

/** One line of the file. */
export type OutboxLine =
  {readonly entry: OutboxEntry} |
  {readonly sent: string} |
  {readonly refused: string; readonly code: string; readonly message: string} |
  {readonly again: string} |
  {readonly dropped: string};

/** The first line of every outbox. */
export const OUTBOX_HEADER = JSON.stringify({jupiter: 1, kind: 'outbox'});

/** What the lines of an outbox come to. A line that can't be read says nothing: whoever wrote it was not told that it is safe. */
export class OutboxState {
  /** By id, in the order in which they are sent. */
  readonly pending = new Map<string, OutboxEntry>();
  readonly refused = new Map<string, RefusedEntry>();
  /** How many lines say nothing any more. */
  stale = 0;

  /** @returns undefined when the text is no outbox. Its last line doesn't count unless it is whole */
  static of(text: string): OutboxState | undefined {
    const [header, ...lines] = text.split('\n').slice(0, -1);
    if (header !== OUTBOX_HEADER) return undefined;
    const state = new OutboxState();
    for (const line of lines) state.#take(line);
    state.stale = lines.length - state.pending.size - 2 * state.refused.size;
    return state;
  }

  /** Whether a publication for the release waits. */
  awaits(name: string): boolean {
    return [...this.pending.values()].some((entry) => entry.name === name);
  }

  /** The same state as a new file. */
  text(): string {
    const refused = [...this.refused.values()].flatMap(({code, message, ...entry}): OutboxLine[] =>
      [{entry}, {refused: entry.id, code, message}]);
    const pending = [...this.pending.values()].map((entry): OutboxLine => ({entry}));
    return [OUTBOX_HEADER, ...[...refused, ...pending].map((line) => JSON.stringify(line)), ''].join('\n');
  }

  #take(text: string): void {
    const line = readLine(text);
    if (line === undefined) return;
    if ('entry' in line) {
      this.pending.set(line.entry.id, line.entry);
    } else if ('refused' in line) {
      const entry = this.pending.get(line.refused);
      if (entry !== undefined) this.refused.set(entry.id, {...entry, code: line.code, message: line.message});
      this.pending.delete(line.refused);
    } else if ('again' in line) {
      const {code: _code, message: _message, ...entry} = this.refused.get(line.again) ?? {} as Partial<RefusedEntry>;
      if (entry.id !== undefined) this.pending.set(entry.id, entry as OutboxEntry);
      this.refused.delete(line.again);
    } else if ('sent' in line) {
      this.pending.delete(line.sent);
    } else {
      this.refused.delete(line.dropped);
    }
  }
}

function readLine(text: string): OutboxLine | undefined {
  try {
    const line = JSON.parse(text) as Partial<Record<string, unknown>> | null;
    if (typeof line !== 'object' || line === null) return undefined;
    if (Object.hasOwn(line, 'entry')) return isEntry(line.entry) ? line as unknown as OutboxLine : undefined;
    const known = ['sent', 'refused', 'again', 'dropped'].some((word) => Object.hasOwn(line, word) && typeof line[word] === 'string');
    return known ? line as unknown as OutboxLine : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is OutboxEntry {
  const {id, name, actor, facts} = (value ?? {}) as Partial<OutboxEntry>;
  return typeof id === 'string' && typeof name === 'string' && typeof actor === 'string' && Array.isArray(facts);
}
