import type {DownloadView} from '../core/contract.js';
import {DownloadError, HandlerError} from '../core/errors.js';
import {Event, type EventMap, type EventName, type Handler, type RegisterOptions} from '../core/event.js';
import {messageOf} from '../core/foreign-error.js';
import {EventRouter} from '../core/router.js';
import {untilAborted, type TellFetched} from './attempt.js';

/**
 * Tells a download's events. A handler or hook that throws fails the run: a DownloadError unchanged, anything else as
 * HandlerError. A cancel ends the wait for one. A clone is silent: it has no handlers and runs no hooks.
 */
export class Teller {
  silent = false;
  readonly #download: DownloadView;
  readonly #router = new EventRouter();
  #fault: DownloadError | undefined;
  #over = false;

  constructor(download: DownloadView) {
    this.#download = download;
  }

  register<N extends EventName>(name: N, handler: Handler<N>, options?: RegisterOptions): () => void {
    if (typeof handler !== 'function' || name === 'succeeded' || name === 'failed') return this.#router.register(name, handler, options);
    // The rest of a round that a cancel cut short must not come after the last event.
    return this.#router.register(name, (event) => this.#over ? undefined : handler(event), options);
  }

  /** Whether the error came out of a handler or hook; nobody repairs that. */
  threw(error: DownloadError): boolean {
    return this.#fault === error;
  }

  /** Forgets all handlers and tells nothing from now on. */
  silence(): void {
    this.silent = true;
    this.#router.clear();
  }

  /** Whether anybody listens. */
  hears(name: EventName): boolean {
    return this.#router.has(name);
  }

  /** Calls a hook of a subclass. @throws DownloadError */
  async hook(name: string, call: () => void | Promise<void>): Promise<void> {
    if (this.silent) return;
    await this.guard(name, call);
  }

  /** Calls what may throw anything. @throws DownloadError */
  guard(name: string, call: () => void | Promise<void>): void | Promise<void> {
    // What is told of a cancel is heard to the end.
    const cancelled = this.#download.signal.aborted;
    try {
      const answer = call();
      return answer === undefined ? undefined : this.#awaited(name, answer, cancelled);
    } catch (thrown) {
      throw this.#fault = asHandlerError(name, thrown);
    }
  }

  /** Tells an event, made only when somebody listens. @throws DownloadError */
  tell<N extends EventName>(name: N, rest: () => Omit<EventMap[N], 'name' | 'download'>): void | Promise<void> {
    if (this.hears(name)) return this.guard(name, () => this.#router.tell(this.#make(name, rest())));
  }

  /** The way to tell FETCHED in an attempt; undefined when nobody listens. */
  fetched(attempt: number, total: number | undefined): TellFetched | undefined {
    if (!this.hears(Event.FETCHED)) return undefined;
    return (buffer, offset, held) =>
      this.tell(Event.FETCHED, () => ({attempt, buffer, offset, total, ...held === undefined ? {} : {held}}));
  }

  /** Tells ERROR until a handler repairs. */
  async tellError(event: EventMap['error']): Promise<void> {
    await this.guard(event.name, () => this.#router.tell(event, () => event.repaired));
  }

  /** Tells the last event to everybody. @returns what they threw */
  async tellEnd<N extends 'succeeded' | 'failed'>(name: N, rest: () => Omit<EventMap[N], 'name' | 'download'>): Promise<DownloadError[]> {
    this.#over = true;
    if (!this.hears(name)) return [];
    const thrown = await this.#router.tellAll(this.#make(name, rest()));
    return thrown.map((one) => asHandlerError(name, one));
  }

  async #awaited(name: string, answer: Promise<void>, cancelled: boolean): Promise<void> {
    try {
      await (cancelled ? answer : untilAborted(answer, this.#download.signal));
    } catch (thrown) {
      throw this.#fault = asHandlerError(name, thrown);
    }
  }

  #make(name: EventName, rest: object): EventMap[EventName] {
    return {name, download: this.#download, ...rest} as EventMap[EventName];
  }
}

/** A fault of a handler or hook. */
export function asHandlerError(name: string, thrown: unknown): DownloadError {
  return thrown instanceof DownloadError ? thrown : new HandlerError(`${name}: ${messageOf(thrown)}`, name, {cause: thrown});
}
