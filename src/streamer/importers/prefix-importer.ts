import {misuse} from '../../core/options.js';
import type {Importer, Resource, StreamRequest} from '../importer.js';
import {pathSegments} from './request-path.js';
import {Upstream, type UpstreamOptions} from './upstream.js';

/** What a PrefixImporter is made with. */
export interface PrefixImporterOptions extends UpstreamOptions {
  /** `true`: a query goes to upstream and tells contents apart; else a request with one is not found. @default false */
  query?: boolean | undefined;
}

/**
 * Gets from `upstream` + path, whatever that is. Nothing is known of the bytes, so they go unverified: they are right as
 * far as the length and the transport say. Answers are mutable, fresh as long as upstream says, or for `ttl`.
 *
 * @since 0.2
 */
export class PrefixImporter implements Importer {
  readonly #upstream: Upstream;
  readonly #query: boolean;

  /** @throws TypeError, RangeError naming the option */
  constructor({query, ...options}: PrefixImporterOptions) {
    if (query !== undefined && typeof query !== 'boolean') throw misuse('query', query, 'true or false');
    this.#upstream = new Upstream(options);
    this.#query = query ?? false;
  }

  resolve({path, query}: StreamRequest): Resource | undefined {
    const segments = pathSegments(path);
    if (segments === undefined || (query !== '' && !this.#query)) return undefined;
    const url = this.#upstream.url(segments, query);
    return url === undefined ? undefined
      : {key: url, ttl: this.#upstream.ttl, immutable: false, download: (known, range) => this.#upstream.download(url, {known, range})};
  }

  /** Closes the Context, unless it was given. */
  close(): Promise<void> {
    return this.#upstream.close();
  }
}
