import {Event, type EventMap, type EventName, type Registry} from '../core/event.js';

/** Any event. */
export type AnyEvent = EventMap[EventName];

/**
 * Writes down every event of a download as an observer: `prepared`, `sent 1 @0`, `replied 1 200`, `fetched 1 @0+5`,
 * `error 1 INTERRUPTED`, `succeeded fetched`, `failed CANCELLED`.
 */
export class EventLog {
  /** The events themselves, in order. Copies where the router makes copies. */
  readonly events: AnyEvent[] = [];
  readonly #unregister: (() => void)[];

  constructor(registry: Registry) {
    const record = (event: AnyEvent): void => { this.events.push(event); };
    this.#unregister = Object.values(Event).map((name) => registry.register(name, record, {observe: true}));
  }

  /** One line an event. How a body falls into chunks is the network's affair: over sockets compare `story`. */
  get lines(): string[] {
    return this.events.map(lineOf);
  }

  /** The lines, with neighbouring FETCHED of one attempt joined into one. */
  get story(): string[] {
    const story: AnyEvent[] = [];
    for (const event of this.events) {
      const last = story.at(-1);
      if (event.name === 'fetched' && last?.name === 'fetched' && last.attempt === event.attempt
        && last.offset + last.buffer.byteLength === event.offset) {
        story[story.length - 1] = {...last, buffer: Buffer.concat([last.buffer, event.buffer])};
      } else {
        story.push(event);
      }
    }
    return story.map(lineOf);
  }

  /** The events of one name. */
  of<N extends EventName>(name: N): EventMap[N][] {
    return this.events.filter((event) => event.name === name) as EventMap[N][];
  }

  detach(): void {
    for (const unregister of this.#unregister) unregister();
  }
}

function lineOf(event: AnyEvent): string {
  switch (event.name) {
    case 'prepared': return 'prepared';
    case 'sent': return `sent ${event.attempt} @${event.offset}`;
    case 'replied': return `replied ${event.attempt} ${event.reply.status}`;
    case 'fetched': return `fetched ${event.attempt} @${event.offset}+${event.buffer.byteLength}`;
    case 'error': return `error ${event.attempt} ${event.error.code}`;
    case 'succeeded': return `succeeded ${event.outcome}`;
    case 'failed': return `failed ${event.error.code}`;
  }
}
