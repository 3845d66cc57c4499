import type {DownloadView} from '../core/contract.js';
import {Event, type Delegate, type Registry} from '../core/event.js';
import {misuse} from '../core/options.js';
import {redactUrl} from '../core/redact.js';

/** What a logger must have; `console` and pino do. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** Logs a download's life as an observer: it changes nothing, and no line ever shows a secret. */
export class LogDelegate implements Delegate {
  readonly #logger: Logger;

  /** @throws TypeError when a level is missing */
  constructor(logger: Logger) {
    for (const level of ['debug', 'info', 'warn', 'error'] as const) {
      if (typeof (logger as Partial<Logger> | undefined)?.[level] === 'function') continue;
      throw misuse('logger', logger, `an object with ${level}()`);
    }
    this.#logger = logger;
  }

  attach(download: DownloadView & Registry): void {
    const log = this.#logger;
    const name = redactUrl(download.originalUrl);
    const observe = {observe: true};
    download.register(Event.PREPARED, () => { log.debug(`prepared ${name}`); }, observe);
    download.register(Event.SENT, ({attempt, url}) => { log.debug(`sent ${url} (attempt ${attempt})`); }, observe);
    download.register(Event.REPLIED, ({attempt, reply}) => {
      log.debug(`replied ${reply.status} ${reply.url} (attempt ${attempt}, ${reply.length ?? 'unknown'} bytes)`);
    }, observe);
    download.register(Event.ERROR, ({attempt, error}) => {
      log.warn(`failed ${error.code} (attempt ${attempt}): ${error.message}`);
    }, observe);
    download.register(Event.SUCCEEDED, ({outcome, facts, attempts}) => {
      log.info(`${outcome} ${name} (${facts.size} bytes, ${attempts.length} ${attempts.length === 1 ? 'attempt' : 'attempts'})`);
    }, observe);
    download.register(Event.FAILED, ({error}) => { log.error(`gave up ${error.code}: ${error.message}`); }, observe);
  }
}
