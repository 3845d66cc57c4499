import type {AttemptRecord, Digests, DownloadView, Facts, Hop, KeptVersion, Reply, Validation} from '../core/contract.js';
import type {DownloadError} from '../core/errors.js';
import {Event, type Delegate, type Registry, type SucceededEvent} from '../core/event.js';
import {misuse, onlyKeys} from '../core/options.js';
import {addressId} from '../core/address-id.js';
import {redactUrl} from '../core/redact.js';
import type {DownloadResult} from '../download/result.js';
import {versionOf} from '../download/resume-key.js';
import {attemptsOf, digestsAmong, faultOf, proofOf, sourcesOf} from './receipt-attempts.js';
import {RECEIPT_FORMAT, type Receipt} from './receipt.js';

/** What a ReceiptDelegate is made with. */
export interface ReceiptDelegateOptions {
  /** Takes each receipt; the download is over when a returned promise is settled. What it throws becomes a warning. */
  write: (receipt: Receipt, download: DownloadView) => void | Promise<void>;
  /** Noted under `plan`, as it is: no secrets. Values as JSON has them. */
  plan?: Readonly<Record<string, unknown>> | undefined;
  /** The version that an earlier receipt named: it stays where no answer names one and the file is the same. */
  earlier?: KeptVersion | undefined;
}

/** Makes a receipt of each download's run: what was tried, what came of it, and what proves the bytes. It only observes. */
export class ReceiptDelegate implements Delegate {
  readonly #options: ReceiptDelegateOptions;

  /** @throws TypeError naming the option */
  constructor(options: ReceiptDelegateOptions) {
    onlyKeys('receipt', options, ['write', 'plan', 'earlier']);
    if (typeof options.write !== 'function') throw misuse('receipt.write', options.write, 'a function');
    this.#options = options;
  }

  attach(download: DownloadView & Registry): void {
    const run = new ObservedRun(download);
    const {write, plan = {}, earlier} = this.#options;
    const observe = {observe: true};
    download.register(Event.SUCCEEDED, (event) => write(run.receipt({...event, plan, earlier}), download), observe);
    download.register(Event.FAILED, (event) => write(run.receipt({...event, plan, earlier}), download), observe);
  }
}

/** How a run ended. */
interface RunEnd extends Partial<Pick<SucceededEvent, 'outcome' | 'facts' | 'path'>>,
  Partial<Pick<DownloadResult, 'durability' | 'unverifiedResume' | 'warnings'>> {
  readonly attempts: readonly AttemptRecord[];
  readonly error?: DownloadError | undefined;
  readonly plan: Readonly<Record<string, unknown>>;
  readonly earlier: KeptVersion | undefined;
}

/** One run, as its events tell it. */
class ObservedRun {
  readonly #download: DownloadView;
  readonly #hops = new Map<number, readonly Hop[]>();
  readonly #errors = new Map<number, DownloadError>();
  #early: ReadonlySet<Validation> | undefined;
  #reply: Reply | undefined;
  #began: {readonly now: number; readonly time: number} | undefined;
  #firstByte: number | undefined;

  constructor(download: DownloadView & Registry) {
    this.#download = download;
    const observe = {observe: true};
    download.observe({begin: ({digests}: {readonly digests: Digests}) => { digests.request('sha256'); }});
    download.register(Event.PREPARED, () => { this.#began = this.#now(); }, observe);
    download.register(Event.SENT, () => { this.#early ??= new Set(download.validations); }, observe);
    download.register(Event.REPLIED, ({attempt, reply}) => {
      // A protocol of somebody else's may have shown them as they are.
      this.#hops.set(attempt, reply.hops.map(({url, status}) => ({url: redactUrl(url), status})));
      if (reply.fault === undefined) this.#reply = reply;
    }, observe);
    const leave = download.register(Event.FETCHED, () => {
      this.#firstByte = this.#elapsed();
      leave();
    }, observe);
    download.register(Event.ERROR, ({attempt, error}) => { this.#errors.set(attempt, error); }, observe);
  }

  receipt({outcome, facts, path, attempts: records, error, ...end}: RunEnd): Receipt {
    const download = this.#download;
    const {validations, writer} = download;
    const early = this.#early ?? new Set(validations);
    const attempts = attemptsOf(records, {hops: this.#hops, errors: this.#errors});
    const {size = null, ...digests} = facts ?? {} as {size?: number};
    const hexes = digests as Record<string, string>;
    const sizes = validations.flatMap((one) => one.enforced === false ? [] : one.size ?? []);
    const expected = [...digestsAmong([...early], 'caller'), ...digestsAmong(validations.filter((one) => !early.has(one)), 'server')];
    return {
      jupiter: RECEIPT_FORMAT, kind: 'receipt', url: redactUrl(download.originalUrl), address: addressId(download.originalUrl), path: path ?? pathOf(writer),
      outcome: outcome ?? (error?.class === 'cancelled' ? 'cancelled' : 'failed'),
      plan: {retries: download.retries, resume: writer.abilities.resume, size: sizes[0] ?? null, digests: expected, ...end.plan},
      attempts, sources: sourcesOf(attempts), validators: this.#reply?.validators ?? {}, version: this.#version(facts, end.earlier),
      size, digests: hexes, verified: facts === undefined ? 'none' : proofOf(hexes, validations, early, this.#reply),
      framing: this.#reply?.framing ?? null, durability: end.durability ?? null,
      unverifiedResume: end.unverifiedResume ?? false,
      timings: {began: this.#began?.time ?? this.#now().time, total: this.#elapsed(), firstByte: this.#firstByte ?? null},
      warnings: (end.warnings ?? writer.warnings ?? []).map(faultOf), error: error === undefined ? null : faultOf(error),
    };
  }

  /** The version that is at the target now. A failed run leaves what was there. */
  #version(facts: Facts | undefined, earlier: KeptVersion | undefined): KeptVersion | null {
    if (facts === undefined) return earlier ?? null;
    const told = this.#reply === undefined ? undefined : versionOf({reply: this.#reply, facts});
    if (told !== undefined || earlier === undefined) return told ?? null;
    const same = Object.entries(earlier.facts).every(([name, value]) => facts[name] === undefined || facts[name] === value);
    return same ? earlier : null;
  }

  #now(): {now: number; time: number} {
    const clock = this.#download.context?.clock;
    return clock === undefined ? {now: 0, time: 0} : {now: clock.now(), time: clock.time()};
  }

  #elapsed(): number {
    return this.#began === undefined ? 0 : Math.round(this.#now().now - this.#began.now);
  }
}

function pathOf(writer: object): string | null {
  const {path} = writer as {path?: unknown};
  return typeof path === 'string' ? path : null;
}
