import {withoutSignature} from '../core/address-id.js';
import type {DownloadView} from '../core/contract.js';
import {normaliseAlgorithm} from '../core/digest.js';
import {Event, type Delegate, type Registry, type SucceededEvent} from '../core/event.js';
import {misuse, onlyKeys} from '../core/options.js';
import {REDACTED, redactUrl} from '../core/redact.js';
import {InvalidFact, ReadOnlyRelease, UnknownRelease} from './catalogue-errors.js';
import {checkName} from './catalogue-limits.js';
import type {Outbox} from './client/outbox.js';
import type {Fact, NewRelease, ReleaseCatalogue} from './contract.js';

/** What is known of a download that went well. */
export interface PublishedFile {
  readonly download: DownloadView;
  readonly event: SucceededEvent;
  /** The last name in the path of the address. */
  readonly name: string;
  /** The address asked for first, without login, signature, fragment and whatever else could be a secret; undefined: not http. */
  readonly url: string | undefined;
  readonly size: number;
  /** By the release's hash function, lower-case hex; undefined for a file that was there already and was not read. */
  readonly digest: string | undefined;
}

/** A text, or what makes it of the file. */
export type FromFile = string | ((file: PublishedFile) => string);

/** What a PublishDelegate is made with. */
export interface PublishDelegateOptions {
  /** A Catalogue, or a CatalogueClient. */
  readonly catalogue: Pick<ReleaseCatalogue, 'get' | 'publish'>;
  readonly release: string;
  /** Who writes: shown in the history. */
  readonly actor: string;
  /** The part that the fact belongs to, a JSON Pointer: `/linux-x64/de`. Needed unless `factOf` is given. */
  readonly path?: FromFile | undefined;
  /** @default the last name in the path of the address */
  readonly key?: FromFile | undefined;
  /** In place of `key`: the version that a partial updates from. */
  readonly from?: FromFile | undefined;
  /** @default 'complete', with `from` 'partial' */
  readonly kind?: FromFile | undefined;
  /** Makes the facts by itself; undefined: nothing is published. */
  readonly factOf?: ((file: PublishedFile) => Fact | readonly Fact[] | undefined) | undefined;
  /** Makes the release when it doesn't exist. */
  readonly create?: NewRelease | undefined;
  /** That of the release, if it is known: then the catalogue isn't asked before the download. @default asked once */
  readonly hashFunction?: string | undefined;
  /** The run fails before a byte moves when the release can't be published to: unknown, read-only, or away. @default false */
  readonly required?: boolean | undefined;
  /** Also publishes what was there already (`kept`, `notModified`). @default false */
  readonly kept?: boolean | undefined;
  /** Keeps what can't be published now. @default none: that is a warning of the result */
  readonly outbox?: Pick<Outbox, 'publish'> | undefined;
}

const KEYS = [
  'catalogue', 'release', 'actor', 'path', 'key', 'from', 'kind', 'factOf', 'create', 'hashFunction', 'required', 'kept', 'outbox',
];
/** As the catalogue has it for releases that don't say. */
const USUAL_HASH = 'sha512';
/** How long a catalogue that was away isn't asked for its hash function, ms. */
const AWAY = 60_000;

/**
 * Publishes what is known of each download that succeeds, before its `run()` resolves. The bytes are in place by then, so a
 * publication that fails is a warning of the result. One may be attached to any number of downloads.
 */
export class PublishDelegate implements Delegate {
  readonly #options: PublishDelegateOptions;
  #asked: Promise<string> | undefined;
  #awayUntil = -Infinity;

  /** @throws TypeError or RangeError naming the option */
  constructor(options: PublishDelegateOptions) {
    onlyKeys('publish', options, KEYS);
    const {catalogue, outbox, path, factOf, key, from, kind, release, actor, hashFunction} = options;
    if (typeof (catalogue as Partial<typeof catalogue> | undefined)?.publish !== 'function') {
      throw misuse('publish.catalogue', catalogue, 'a catalogue');
    }
    if (outbox !== undefined && typeof outbox.publish !== 'function') throw misuse('publish.outbox', outbox, 'an Outbox');
    checkName('release', release);
    checkName('actor', actor);
    if (factOf !== undefined && typeof factOf !== 'function') throw misuse('publish.factOf', factOf, 'a function of the file');
    if ((path === undefined) === (factOf === undefined)) throw new TypeError('publish.path: expected either path or factOf');
    const single = Object.entries({key, from, kind}).find(([, value]) => value !== undefined)?.[0];
    if (factOf !== undefined && single !== undefined) throw new TypeError(`publish.${single}: expected nothing beside factOf`);
    if (key !== undefined && from !== undefined) throw new TypeError('publish.key: expected key or from, not both');
    this.#options = {...options, hashFunction: hashFunction === undefined ? undefined : normaliseAlgorithm(hashFunction)};
  }

  attach(download: DownloadView & Registry): void {
    let algorithm = USUAL_HASH;
    download.register(Event.PREPARED, async () => { algorithm = await this.#hashFunction(download); });
    download.observe({begin: ({digests}) => { digests.request(algorithm); }});
    download.register(Event.SUCCEEDED, (event) => this.#publish(download, event, algorithm));
  }

  async #publish(download: DownloadView, event: SucceededEvent, algorithm: string): Promise<void> {
    const {catalogue, outbox, release, actor, create, kept = false} = this.#options;
    if (event.outcome !== 'fetched' && !kept) return;
    const {size, [algorithm]: known} = event.facts;
    const digest = known === undefined ? undefined : String(known);
    const {originalUrl} = download;
    const facts = this.#factsOf({download, event, size, digest, name: nameIn(originalUrl), url: shownUrl(originalUrl)});
    if (facts.length === 0) return;
    const options = {actor, create, signal: download.signal};
    await (outbox === undefined ? catalogue.publish(release, facts, options) : outbox.publish(release, facts, options));
  }

  #factsOf(file: PublishedFile): readonly Fact[] {
    const {factOf, path, key, from, kind} = this.#options;
    if (factOf !== undefined) {
      const facts = factOf(file) ?? [];
      return Array.isArray(facts) ? facts as readonly Fact[] : [facts as Fact];
    }
    const {size, url, digest} = file;
    if (digest === undefined) throw new InvalidFact('the file was there already, and nobody read it for its digest', 0);
    const common = {path: textOf(path, file, ''), digest, size, ...url !== undefined && {url}};
    if (from !== undefined) return [{...common, kind: textOf(kind, file, 'partial'), from: textOf(from, file, '')}];
    return [{...common, kind: textOf(kind, file, 'complete'), key: textOf(key, file, file.name)}];
  }

  /** The algorithm of the digests. @throws CatalogueError when the release is required and can't be published to */
  async #hashFunction({context}: DownloadView): Promise<string> {
    const {hashFunction, create, required = false} = this.#options;
    const usual = hashFunction ?? normaliseAlgorithm(create?.hashFunction ?? USUAL_HASH);
    const now = context?.clock.now() ?? 0;
    if (!required && (hashFunction !== undefined || now < this.#awayUntil)) return usual;
    try {
      return await (this.#asked ??= this.#ask());
    } catch (error) {
      this.#asked = undefined;
      if (error instanceof UnknownRelease && create !== undefined) return usual;
      if (required) throw error;
      this.#awayUntil = now + AWAY;
      return usual;
    }
  }

  async #ask(): Promise<string> {
    const {catalogue, release, required} = this.#options;
    const {hashFunction, readOnly} = await catalogue.get(release);
    if (readOnly && required === true) throw new ReadOnlyRelease(release);
    return hashFunction;
  }
}

function textOf(source: FromFile | undefined, file: PublishedFile, otherwise: string): string {
  return typeof source === 'function' ? source(file) : source ?? otherwise;
}

/** The last name of the path, decoded if it can be. */
function nameIn(url: string): string {
  const name = (URL.canParse(url) ? new URL(url).pathname : url).replace(/\/+$/, '').split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** What changes from one signing to the next goes, and so does every parameter that could be a secret. */
function shownUrl(url: string): string | undefined {
  // A path of this machine is nobody else's concern.
  if (!/^https?:/i.test(url) || !URL.canParse(url)) return undefined;
  const [address = '', query] = redactUrl(withoutSignature(new URL(url))).split('?', 2);
  const kept = (query ?? '').split('&').filter((parameter) => parameter !== '' && !parameter.endsWith(REDACTED));
  return kept.length === 0 ? address : `${address}?${kept.join('&')}`;
}
