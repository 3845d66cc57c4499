import {Event, type Registry} from '../core/event.js';

/** Where a download stands. `waiting`: not asked yet, or between two attempts. */
export type ProgressState = 'waiting' | 'sent' | 'fetching' | 'succeeded' | 'failed';

/**
 * What a listener is told. `changed`: the state or the total is another one. `advanced`: bytes came. `rewound`: an
 * attempt starts again at a lower offset; only then may a bar go back.
 */
export type ProgressNotice = 'changed' | 'advanced' | 'rewound';

/** What the position tells its owner; `bytes` is how many came (0 but for `advanced`). */
export type PositionListener = (notice: ProgressNotice, bytes: number) => void;

/** Follows one download by observers and keeps where it stands, in a few numbers. */
export class DownloadPosition {
  /** Bytes of the representation that the writer has; never falls but with `rewinds`. */
  bytes = 0;
  /** Bytes of the whole, when known. */
  total: number | undefined;
  state: ProgressState = 'waiting';
  rewinds = 0;
  /** The bytes come in pieces, in any order. */
  #scattered = false;
  readonly #tell: PositionListener;
  readonly #unregister: (() => void)[];

  constructor(download: Registry, tell: PositionListener) {
    this.#tell = tell;
    const observe = {observe: true};
    this.#unregister = [
      download.register(Event.SENT, ({offset}) => {
        // What came in pieces may stay; the reply will tell.
        if (!this.#scattered) this.#rewindTo(offset);
        this.#change('sent', this.total);
      }, observe),
      download.register(Event.REPLIED, ({reply}) => {
        // A refused reply announces the length of its own text, not that of the file.
        if (reply.fault !== undefined) return;
        this.#scattered = reply.pieces !== undefined;
        this.#rewindTo(reply.pieces?.held ?? reply.offset);
        this.bytes = reply.pieces?.held ?? this.bytes;
        this.#change('fetching', reply.length === undefined ? undefined : reply.offset + reply.length);
      }, observe),
      download.register(Event.FETCHED, ({buffer, offset, total, held}) => {
        // Pieces that come in any order go back only when one of them was bad.
        if (held === undefined) this.#rewindTo(offset);
        else if (held < this.bytes) this.#rewindTo(held - buffer.byteLength);
        this.total = total ?? this.total;
        this.bytes = held ?? offset + buffer.byteLength;
        this.#tell('advanced', buffer.byteLength);
      }, observe),
      download.register(Event.ERROR, () => { this.#change('waiting', this.total); }, observe),
      download.register(Event.SUCCEEDED, ({facts}) => {
        this.#rewindTo(facts.size);
        this.bytes = facts.size;
        this.#end('succeeded', facts.size);
      }, observe),
      download.register(Event.FAILED, () => { this.#end('failed', this.total); }, observe),
    ];
  }

  /** From 0 to 100; undefined while the total is unknown. */
  get percent(): number | undefined {
    if (this.state === 'succeeded') return 100;
    if (this.total === undefined) return undefined;
    return this.total === 0 ? 0 : Math.min(100, this.bytes / this.total * 100);
  }

  /** Whether it came to an end, a good or a bad one. */
  get over(): boolean {
    return this.state === 'succeeded' || this.state === 'failed';
  }

  /** Follows no longer. Idempotent. */
  leave(): void {
    for (const unregister of this.#unregister.splice(0)) unregister();
  }

  #rewindTo(offset: number): void {
    if (offset >= this.bytes) return;
    this.bytes = offset;
    this.rewinds++;
    this.#tell('rewound', 0);
  }

  #change(state: ProgressState, total: number | undefined): void {
    if (this.state === state && this.total === total) return;
    this.state = state;
    this.total = total;
    this.#tell('changed', 0);
  }

  #end(state: 'succeeded' | 'failed', total: number | undefined): void {
    this.#change(state, total);
    this.leave();
  }
}
