import type {Monitor, Validation} from '../../src/core/contract.js';
import {Event, type EventMap, type EventName, type Registry} from '../../src/core/event.js';
import {RecordingWriter, type RecordingWriterOptions} from '../../src/testing/recording-writer.js';

/**
 * Everything that happens to one download in one list: `PREPARED`, `writer.open 5`, `append 5`, `update 5`, `FETCHED @0+5`,
 * `apply`, `SUCCEEDED fetched` … so that an order is one deep equality.
 */
export class Timeline {
  readonly lines: string[] = [];

  note(line: string): void {
    this.lines.push(line);
  }

  /** Writes down every event as a handler. */
  watch(registry: Registry): void {
    for (const name of Object.values(Event)) registry.register(name, (event) => { this.note(lineOf(event)); });
  }

  /** A RecordingWriter that writes its calls here. */
  writer(options: RecordingWriterOptions = {}): RecordingWriter {
    return new RecordingWriter({
      ...options,
      before: (call) => {
        this.note(`writer.${call}`);
        return options.before?.(call);
      },
      append: (chunk, nth) => {
        this.note(`append ${chunk.byteLength}`);
        return options.append?.(chunk, nth);
      },
    });
  }

  /** A validation that accepts, or does as `verdict` says. */
  validation(verdict: () => void | Promise<void> = () => undefined): Validation {
    return {
      begin: ({offset}) => { this.note(`begin @${offset}`); },
      update: (chunk) => { this.note(`update ${chunk.byteLength}`); },
      apply: () => {
        this.note('apply');
        return verdict();
      },
    };
  }

  /** A monitor. */
  monitor(): Monitor {
    return {begin: ({offset}) => { this.note(`monitor @${offset}`); }};
  }
}

function lineOf(event: EventMap[EventName]): string {
  switch (event.name) {
    case 'prepared': return 'PREPARED';
    case 'sent': return `SENT ${event.attempt}`;
    case 'replied': return `REPLIED ${event.attempt} ${event.reply.status}`;
    case 'fetched': return `FETCHED @${event.offset}+${event.buffer.byteLength}`;
    case 'error': return `ERROR ${event.attempt} ${event.error.code}`;
    case 'succeeded': return `SUCCEEDED ${event.outcome}`;
    case 'failed': return `FAILED ${event.error.code}`;
  }
}
