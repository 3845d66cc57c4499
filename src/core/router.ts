import {EventEmitter} from 'eventemitter3';
import {Event, type EventMap, type EventName, type Handler, type RegisterOptions} from './event.js';
import {misuse} from './options.js';

type Listener = (event: unknown) => unknown;

/**
 * Tells events: observers first, then handlers, in the order of registration, one after the other, awaiting only real
 * promises. It has an emitter for keeping the lists and never exposes it: `emit` would drop promises and let one
 * throwing listener stop the rest.
 */
export class EventRouter {
  #emitter: EventEmitter<Record<string, Listener>> | undefined;

  /** @returns the way to unregister */
  register<N extends EventName>(name: N, handler: Handler<N>, options: RegisterOptions = {}): () => void {
    if (!Object.values<string>(Event).includes(name)) throw misuse('event', name, `one of ${Object.values(Event).join(', ')}`);
    if (typeof handler !== 'function') throw misuse('handler', handler, 'a function');
    this.#emitter ??= new EventEmitter();
    const channel = options.observe === true ? `observe:${name}` : name;
    const listener: Listener = (event) => handler(event as EventMap[N]);
    this.#emitter.on(channel, listener);
    return () => { this.#emitter?.off(channel, listener); };
  }

  /** Whether anybody listens; events that nobody hears need not be made. */
  has(name: EventName): boolean {
    return this.#emitter !== undefined && (this.#emitter.listenerCount(name) > 0 || this.#emitter.listenerCount(`observe:${name}`) > 0);
  }

  /** Tells observers, then handlers. `until` ends the round of handlers early. Rejects or throws what a handler threw. */
  tell(event: EventMap[EventName], until?: () => boolean): void | Promise<void> {
    if (this.#emitter === undefined) return;
    const observers = this.#emitter.listeners(`observe:${event.name}`) as Listener[];
    const handlers = this.#emitter.listeners(event.name) as Listener[];
    const handle = (): void | Promise<void> => inTurn(handlers, event, 0, until);
    if (observers.length === 0) return handle();
    const observed = observeAll(observers, Object.freeze({...event}), 0, []);
    return isPromise(observed) ? observed.then(handle) : handle();
  }

  /** Tells everybody and collects what they throw instead of stopping. */
  async tellAll(event: EventMap[EventName]): Promise<unknown[]> {
    const thrown: unknown[] = [];
    if (this.#emitter === undefined) return thrown;
    const observed = Object.freeze({...event});
    for (const [channel, told] of [[`observe:${event.name}`, observed], [event.name, event]] as const) {
      for (const listener of this.#emitter.listeners(channel) as Listener[]) {
        try {
          await listener(told);
        } catch (error) {
          thrown.push(error);
        }
      }
    }
    return thrown;
  }

  /** Forgets every handler. */
  clear(): void {
    this.#emitter = undefined;
  }
}

function inTurn(listeners: readonly Listener[], event: unknown, from: number, until?: () => boolean): void | Promise<void> {
  for (let at = from; at < listeners.length; at++) {
    if (until?.() === true) return;
    const answer = listeners[at]?.(event);
    if (isPromise(answer)) return Promise.resolve(answer).then(() => inTurn(listeners, event, at + 1, until));
  }
}

/** Every observer runs, one after the other, even after one that throws; the first fault is thrown at the end. */
function observeAll(observers: readonly Listener[], event: unknown, from: number, faults: unknown[]): void | Promise<void> {
  const note = (error: unknown): void => { faults.push(error); };
  for (let at = from; at < observers.length; at++) {
    try {
      const answer = observers[at]?.(event);
      if (isPromise(answer)) return Promise.resolve(answer).catch(note).then(() => observeAll(observers, event, at + 1, faults));
    } catch (error) {
      note(error);
    }
  }
  if (faults.length > 0) throw faults[0];
}

/** Thenables of other libraries count too. */
function isPromise(value: unknown): value is PromiseLike<void> {
  return typeof (value as {then?: unknown} | undefined)?.then === 'function';
}
