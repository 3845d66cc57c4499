import {Flight} from '../core/single-flight.js';
import type {Representation} from './answer.js';
import type {ExchangeParts} from './exchange-parts.js';
import type {Resource} from './importer.js';
import {probe} from './probe.js';

/** Heads that are being asked for: those who want the same at once get one answer. Nothing is remembered. */
export class HeadProbes {
  readonly #flights = new Map<string, Flight<Representation>>();

  /** What the upstream says of a resource. @throws DownloadError; Cancelled when `signal` aborts */
  ask(resource: Resource, {context, watch}: Pick<ExchangeParts, 'context' | 'watch'>, signal: AbortSignal): Promise<Representation> {
    const {key} = resource;
    let flight = this.#flights.get(key);
    if (flight === undefined || flight.over) {
      const begun = flight = new Flight<Representation>((stop) => {
        const download = resource.download();
        watch.attach(download);
        return probe(download, context, stop);
      }, {answered: () => undefined, settled: () => { if (this.#flights.get(key) === begun) this.#flights.delete(key); }});
      this.#flights.set(key, flight);
    }
    return flight.join(signal);
  }
}
