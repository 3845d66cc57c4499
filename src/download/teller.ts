import type {DownloadView} from '../core/contract.js';
import {DownloadError, HandlerError} from '../core/errors.js';
import type {EventMap, EventName, Handler, RegisterOptions} from '../core/event.js';
import {messageOf} from '../core/foreign-error.js';
import {EventRouter} from '../core/router.js';

/**
 * Tells a download's events. A handler or hook that throws fails the run: a DownloadError unchanged, anything else as
 * HandlerError. A clone is silent: it has no handlers and runs no hooks.
 */
export class Teller {
  silent = false;
  readonly #download: DownloadView;
  readonly #router = new EventRouter();

  constructor(download: DownloadView) {
    this.#download = download;
  }

  register<N extends EventName>(name: N, handler: Handler<N>, options?: RegisterOptions): () => void {
    return this.#router.register(name, handler, options);
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
  async guard(name: string, call: () => void | Promise<void>): Promise<void> {
    try {
      const answer = call();
      if (answer !== undefined) await answer;
    } catch (thrown) {
      throw asHandlerError(name, thrown);
    }
  }

  /** Tells an event, made only when somebody listens. `until` ends the round of handlers. @throws DownloadError */
  tell<N extends EventName>(name: N, rest: () => Omit<EventMap[N], 'name' | 'download'>): void | Promise<void> {
    if (this.hears(name)) return this.guard(name, () => this.#router.tell(this.#make(name, rest())));
  }

  /** Tells ERROR until a handler repairs. */
  async tellError(event: EventMap['error']): Promise<void> {
    await this.guard(event.name, () => this.#router.tell(event, () => event.repaired));
  }

  /** Tells the last event to everybody. @returns what they threw */
  async tellEnd<N extends 'succeeded' | 'failed'>(name: N, rest: () => Omit<EventMap[N], 'name' | 'download'>): Promise<DownloadError[]> {
    if (!this.hears(name)) return [];
    const thrown = await this.#router.tellAll(this.#make(name, rest()));
    return thrown.map((one) => asHandlerError(name, one));
  }

  #make(name: EventName, rest: object): EventMap[EventName] {
    return {name, download: this.#download, ...rest} as EventMap[EventName];
  }
}

/** A fault of a handler or hook. */
export function asHandlerError(name: string, thrown: unknown): DownloadError {
  return thrown instanceof DownloadError ? thrown : new HandlerError(`${name}: ${messageOf(thrown)}`, name, {cause: thrown});
}
