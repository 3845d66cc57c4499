import type {Digests, DownloadView, Facts, Monitor, SequenceStart} from '../core/contract.js';
import {normaliseAlgorithm} from '../core/digest.js';
import {Event, type Registry} from '../core/event.js';
import {misuse, onlyKeys} from '../core/options.js';

/** What is to be known. */
export interface DownloadMonitorOptions {
  /** Digests beside the size, by any of their names. @default ['sha256'] */
  digests?: readonly string[] | undefined;
}

/**
 * Learns the size and digests of what a download brings, for a caller who stores them: `artifact.save(monitor.facts())`.
 * It shares the run's hashes with the validations, so a digest that is also validated costs nothing more.
 */
export class DownloadMonitor implements Monitor {
  /** What is asked for, under its one name (`sha256`). */
  readonly digests: readonly string[];
  #sequence: Digests | undefined;
  #final: Facts | undefined;

  /** Attaches itself. @throws TypeError, RangeError naming the option */
  constructor(download: Pick<DownloadView, 'observe'> & Registry, options: DownloadMonitorOptions = {}) {
    onlyKeys('DownloadMonitor', options, ['digests']);
    const digests: unknown = options.digests ?? ['sha256'];
    if (!Array.isArray(digests)) throw misuse('digests', digests, 'a list such as [\'sha256\']');
    this.digests = Object.freeze([...new Set(digests.map((name: string) => normaliseAlgorithm(name)))]);
    download.observe(this);
    download.register(Event.SUCCEEDED, ({facts}) => { this.#final = facts; }, {observe: true});
  }

  /** A byte sequence begins; what was known of the one before is forgotten. */
  begin({digests}: SequenceStart): void {
    for (const name of this.digests) digests.request(name);
    this.#sequence = digests;
  }

  /**
   * `{size, sha256: hex …}`, frozen. Final after success only; before that it is what is known of the bytes so far, and
   * digests are absent while no byte sequence has begun.
   */
  facts(): Facts {
    const known: Record<string, string | number> & {size: number} = {size: this.#final?.size ?? this.#sequence?.size ?? 0};
    for (const name of this.digests) {
      const hex = this.#final === undefined ? this.#sequence?.hex(name) : this.#final[name];
      if (hex !== undefined) known[name] = hex;
    }
    return Object.freeze(known);
  }
}
