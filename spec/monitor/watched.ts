import type {DownloadView, Monitor, Reply} from '../../src/core/contract.js';
import type {DownloadError} from '../../src/core/errors.js';
import {Event, type EventMap, type EventName, type Handler, type Registry, type RegisterOptions} from '../../src/core/event.js';
import {EventRouter} from '../../src/core/router.js';

/** A download that is nothing but its events: a spec says what happens to it. */
export class Watched implements Registry {
  readonly monitors: Monitor[] = [];
  readonly #router = new EventRouter();

  observe(monitor: Monitor): void {
    this.monitors.push(monitor);
  }

  register<N extends EventName>(name: N, handler: Handler<N>, options?: RegisterOptions): () => void {
    return this.#router.register(name, handler, options);
  }

  /** Whether anybody listens to anything. */
  get heard(): boolean {
    return Object.values(Event).some((name) => this.#router.has(name));
  }

  sent(offset = 0): void {
    this.#tell('sent', {attempt: 1, offset, url: 'http://h/'});
  }

  replied(length?: number, offset = 0, fault?: DownloadError): void {
    this.#tell('replied', {attempt: 1, reply: {length, offset, fault} as Reply});
  }

  fetched(bytes: number, offset: number, total?: number): void {
    this.#tell('fetched', {attempt: 1, buffer: new Uint8Array(bytes), offset, total});
  }

  /** The reply of a body that comes in pieces. */
  scattered(length: number, held: number): void {
    this.#tell('replied', {attempt: 1, reply: {length, offset: 0, pieces: {length: 1, algorithm: 'sha256', held}} as Reply});
  }

  /** A chunk of such a body. */
  fetchedPart(bytes: number, offset: number, held: number): void {
    this.#tell('fetched', {attempt: 1, buffer: new Uint8Array(bytes), offset, total: undefined, held});
  }

  erred(): void {
    this.#tell('error', {} as Omit<EventMap['error'], 'name' | 'download'>);
  }

  succeeded(size: number, digests: Readonly<Record<string, string>> = {}): void {
    const rest = {path: undefined, attempts: [], durability: undefined, unverifiedResume: false, warnings: []};
    this.#tell('succeeded', {outcome: 'fetched', facts: {size, ...digests}, ...rest});
  }

  failed(): void {
    this.#tell('failed', {} as Omit<EventMap['failed'], 'name' | 'download'>);
  }

  #tell<N extends EventName>(name: N, rest: Omit<EventMap[N], 'name' | 'download'>): void {
    void this.#router.tell({...rest, name, download: this as unknown as DownloadView} as unknown as EventMap[N] & {name: N});
  }
}
