import {once} from 'node:events';
import {isAbsolute, relative} from 'node:path';
import type {DownloadView, Durability, Validation} from '../core/contract.js';
import {DownloadError, MirrorsExhausted} from '../core/errors.js';
import {Event, type Delegate, type FailedEvent, type Registry, type SucceededEvent} from '../core/event.js';
import {messageOf} from '../core/foreign-error.js';
import {escapeControls, redactText, redactUrl} from '../core/redact.js';
import type {ItemNote} from './download-builder.js';
import {formatBytes, formatSpan, formatSpeed} from './quantities.js';

/** One record of `--json`. What is not known is null. */
export interface ItemRecord {
  /** The item's place on the command line, or its line in the list, from 1. */
  readonly item: number | null;
  /** Secrets redacted. */
  readonly url: string | null;
  readonly path: string | null;
  readonly outcome: 'fetched' | 'kept' | 'notModified' | 'done' | 'failed' | 'cancelled';
  readonly size: number | null;
  /** Lower-case hex by algorithm. */
  readonly digests: Readonly<Record<string, string>>;
  /** How many requests of the file were made; 0 when it was there already. */
  readonly attempts: number;
  readonly durability: Durability | null;
  /** What proves the bytes. */
  readonly verified: 'none' | 'size' | 'digest';
  readonly error: {readonly code: string; readonly class: string; readonly message: string} | null;
}

/** How it reports. */
export interface ReporterOptions {
  /** Takes the lines for people. */
  readonly line: (text: string) => void;
  /** Takes the records, when they are wanted. */
  readonly records?: NodeJS.WritableStream | undefined;
  /** What files are published with. */
  readonly durability: Durability;
}

/** Tells of every download that ends: records for programs, lines for people, and the sums. A delegate that only observes. */
export class Reporter implements Delegate {
  fetched = 0;
  kept = 0;
  unchanged = 0;
  /** By an earlier run. */
  skipped = 0;
  failed = 0;
  cancelled = 0;
  /** Bytes that came, also for what failed in the end; those that an earlier run left don't count. */
  bytes = 0;
  /** The latest failure. */
  lastError: DownloadError | undefined;
  /** Whether a proxy was what failed, once at least. */
  proxyFailed = false;
  /** Whether a line for each file says where it is. */
  tellsPaths = false;
  /** Whether there is one download only: its line takes the place of the summary. */
  single = false;
  #onlyLine: string | undefined;
  readonly #options: ReporterOptions;
  readonly #began = performance.now();

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  attach(download: DownloadView & Registry): void {
    download.register(Event.SUCCEEDED, (event) => this.#succeeded(event, download), {observe: true});
    download.register(Event.FAILED, (event) => this.#failed(event, download), {observe: true});
  }

  /** An item that did not become a download. */
  refuse(item: number, fault: unknown, address?: string): void | Promise<void> {
    this.failed++;
    const known = fault instanceof DownloadError;
    const error = {code: known ? fault.code : 'BAD_ITEM', class: known ? fault.class : 'fatal', message: oneLine(messageOf(fault))};
    const url = address === undefined ? null : redactUrl(address);
    this.#options.line(`failed ${error.code} ${url === null ? `item ${item}` : oneLine(url)}: ${error.message}`);
    return this.#record({item, url, path: null, outcome: 'failed', size: null, digests: {}, attempts: 0, durability: null,
      verified: 'none', error});
  }

  /** An item that an earlier run did. */
  skip(item: number, address: string, path: string): void | Promise<void> {
    this.skipped++;
    return this.#record({item, url: redactUrl(address), path, outcome: 'done', size: null, digests: {}, attempts: 0, durability: null,
      verified: 'none', error: null});
  }

  /** What could not be written beside the downloads. */
  fault(thrown: unknown): void {
    this.failed++;
    if (thrown instanceof DownloadError) this.lastError = thrown;
    this.#options.line(`failed ${thrown instanceof DownloadError ? `${thrown.code} ` : ''}${oneLine(messageOf(thrown))}`);
  }

  /** Nothing came by. */
  get isEmpty(): boolean {
    return this.fetched + this.kept + this.unchanged + this.skipped + this.failed + this.cancelled === 0;
  }

  /** The last line: what was done. */
  summary(by?: string): string {
    const ms = performance.now() - this.#began;
    const counts = this.failed === 0 && this.#onlyLine !== undefined ? this.#onlyLine : [
      `${this.fetched} fetched`,
      ...this.kept > 0 ? [`${this.kept} kept`] : [],
      ...this.unchanged > 0 ? [`${this.unchanged} not modified`] : [],
      ...this.skipped > 0 ? [`${this.skipped} done before`] : [],
      ...this.failed > 0 ? [`${this.failed} failed`] : [],
      ...this.cancelled > 0 ? [`${this.cancelled} cancelled`] : [],
    ].join(', ');
    const rate = this.bytes > 0 ? ` (${formatSpeed(this.bytes * 1000 / Math.max(ms, 1))})` : '';
    return `${by === undefined ? '' : `ended by ${by}: `}${counts}; ${formatBytes(this.bytes)} in ${formatSpan(ms)}${rate}`;
  }

  #succeeded({outcome, facts, path, attempts}: SucceededEvent, download: DownloadView): void | Promise<void> {
    const fetched = outcome === 'fetched';
    if (fetched) this.fetched++;
    else if (outcome === 'kept') this.kept++;
    else this.unchanged++;
    this.bytes += bytesOf(attempts);
    this.#tellPath(outcome, path);
    for (const warning of download.writer.warnings ?? []) this.#options.line(`warning ${warning.code} ${oneLine(warning.message)}`);
    const {size, ...digests} = facts;
    return this.#record({
      ...about(download), path: path ?? null, outcome, size, digests: digests as Record<string, string>,
      attempts: attempts.length, durability: fetched && path !== undefined ? this.#options.durability : null,
      verified: proofOf(download.validations), error: null,
    });
  }

  #failed({error, attempts}: FailedEvent, download: DownloadView): void | Promise<void> {
    const cancelled = error.code === 'CANCELLED';
    if (cancelled) this.cancelled++;
    else this.failed++;
    this.bytes += bytesOf(attempts);
    if (!cancelled) {
      this.lastError = error;
      this.proxyFailed ||= isOfProxy(error);
      const url = redactUrl(download.originalUrl);
      this.#options.line(`failed ${error.code} ${oneLine(url)}: ${oneLine(withoutUrl(error.message, url))}`);
    }
    return this.#record({
      ...about(download), path: null, outcome: cancelled ? 'cancelled' : 'failed', size: null, digests: {}, attempts: attempts.length,
      durability: null, verified: 'none',
      error: {code: error.code, class: error.class, message: error.message},
    });
  }

  #tellPath(outcome: SucceededEvent['outcome'], path: string | undefined): void {
    if (!this.tellsPaths || path === undefined) return;
    const line = `${outcome === 'notModified' ? 'not modified' : outcome} ${escapeControls(shortPath(path))}`;
    if (this.single) this.#onlyLine = line;
    else this.#options.line(line);
  }

  #record(record: ItemRecord): void | Promise<void> {
    const {records} = this.#options;
    if (records === undefined || !records.writable || records.write(`${JSON.stringify(record)}\n`)) return undefined;
    return once(records, 'drain').then(() => undefined, () => undefined);
  }
}

/** Most messages end in the address, which stands in front of them already. */
export function withoutUrl(message: string, url: string): string {
  return message.endsWith(`: ${url}`) ? message.slice(0, -url.length - 2) : message;
}

/** A text from anywhere, as one harmless line without secrets. */
export function oneLine(text: string): string {
  return escapeControls(redactText(text).replace(/\s*[\r\n]+\s*/g, ' ').replaceAll('\t', ' '));
}

/** A path as it is seen from this folder, where it is below it. */
function shortPath(path: string): string {
  const way = relative('', path);
  return way === '' || way.startsWith('..') || isAbsolute(way) ? path : way;
}

function isOfProxy(error: DownloadError): boolean {
  return error.code === 'PROXY_FAILED' || (error instanceof MirrorsExhausted && error.errors.some(isOfProxy));
}

function bytesOf(attempts: SucceededEvent['attempts']): number {
  return attempts.reduce((sum, {bytes}) => sum + bytes, 0);
}

function about(download: DownloadView): Pick<ItemRecord, 'item' | 'url'> {
  const note = download.attachment as ItemNote | undefined;
  return {item: note?.number ?? null, url: redactUrl(download.originalUrl)};
}

function proofOf(validations: readonly Validation[]): ItemRecord['verified'] {
  const proofs = validations.filter(({enforced}) => enforced !== false).map(({proof}) => proof);
  return proofs.includes('digest') ? 'digest' : proofs.includes('size') ? 'size' : 'none';
}
