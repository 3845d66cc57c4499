import type {Clock} from '../../core/clock.js';
import {ProcessClaim} from '../../core/process-claim.js';
import {ExponentialBackoff} from '../../policy/backoff.js';
import {CatalogueError} from '../catalogue-errors.js';
import type {ReleaseCatalogue} from '../contract.js';
import type {OutboxFile} from './outbox-file.js';
import type {OutboxEntry, OutboxLine} from './outbox-state.js';
import {isPassing} from './passing-fault.js';

/** What one sending came to. */
export interface SendResult {
  readonly sent: number;
  /** Set aside: they will never be taken as they are. */
  readonly refused: number;
  /** Still waiting. */
  readonly left: number;
  /** Why it stopped before the end. */
  readonly fault?: CatalogueError | undefined;
  /** Another process is sending; the text says which. */
  readonly elsewhere?: string | undefined;
}

/** What a sender works with. */
export interface SenderTerms {
  readonly file: OutboxFile;
  readonly catalogue: Pick<ReleaseCatalogue, 'publish'>;
  readonly clock: Clock;
  readonly random: () => number;
}

/** How long the catalogue is left alone after it was away. */
const AWAY = new ExponentialBackoff({base: 5000, cap: 60_000});
/** Notes are written in groups; those lost by a crash cost a repeat that changes nothing. */
const NOTES = 64;

/** Sends what waits in an outbox, and knows since when the catalogue is away. */
export class OutboxSender {
  readonly #terms: SenderTerms;
  #awayUntil = -Infinity;
  #failures = 0;

  constructor(terms: SenderTerms) {
    this.#terms = terms;
  }

  /** For how many ms the catalogue is better left alone; 0: it may be asked. */
  get pause(): number {
    return Math.max(0, this.#awayUntil - this.#terms.clock.now());
  }

  /** The catalogue was away just now. */
  missed(): void {
    const {clock, random} = this.#terms;
    this.#awayUntil = clock.now() + AWAY.delay(this.#failures++, random);
  }

  /** The catalogue answered. */
  met(): void {
    this.#failures = 0;
    this.#awayUntil = -Infinity;
  }

  /** Sends until nothing waits, or the catalogue is away. @throws OutboxFault; the signal's reason */
  async send(signal: AbortSignal): Promise<SendResult> {
    const {file} = this.#terms;
    const claim = await file.claimSending();
    if (!(claim instanceof ProcessClaim)) return {sent: 0, refused: 0, left: (await file.state()).pending.size, elsewhere: claim.message};
    const run = new SendRun(file);
    try {
      await this.#all(run, signal);
    } finally {
      await file.release(claim);
    }
    const {sent, refused, fault} = run;
    return {sent, refused, left: (await file.state()).pending.size, ...fault !== undefined && {fault}};
  }

  async #all(run: SendRun, signal: AbortSignal): Promise<void> {
    const {file} = this.#terms;
    try {
      for (let {pending} = await file.state(); pending.size > 0; {pending} = await file.state()) {
        for (const entry of pending.values()) {
          signal.throwIfAborted();
          if (!await run.note(await this.#one(entry, signal))) return;
        }
        await run.write();
      }
    } finally {
      await run.write();
      await file.compact();
    }
  }

  /** @returns what is noted of it, or why it stays. @throws what is no fault of it and none of the catalogue */
  async #one({id, name, facts, actor, create, perItem}: OutboxEntry, signal: AbortSignal): Promise<OutboxLine | CatalogueError> {
    try {
      const {items = []} = await this.#terms.catalogue.publish(name, facts, {actor, create, perItem, requestId: id, signal});
      this.met();
      const bad = items.filter(({outcome}) => outcome === 'refused');
      const [first] = bad;
      if (first === undefined) return {sent: id};
      const message = `${bad.length} of ${facts.length} facts, the first: ${first.message ?? ''}`;
      return {refused: id, code: first.code ?? 'INVALID_FACT', message};
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof TypeError || error instanceof RangeError) return {refused: id, code: 'MISUSE', message: error.message};
      if (!(error instanceof CatalogueError)) throw error;
      if (!isPassing(error)) return {refused: id, code: error.code, message: error.message};
      this.missed();
      return error;
    }
  }
}

/** What one sending has done so far. */
class SendRun {
  sent = 0;
  refused = 0;
  fault: CatalogueError | undefined;
  readonly #file: OutboxFile;
  #notes: OutboxLine[] = [];

  constructor(file: OutboxFile) {
    this.#file = file;
  }

  /** @returns false when it is no use to go on */
  async note(line: OutboxLine | CatalogueError): Promise<boolean> {
    if (line instanceof CatalogueError) {
      this.fault = line;
      return false;
    }
    this.#notes.push(line);
    if ('sent' in line) this.sent++;
    else this.refused++;
    if (this.#notes.length >= NOTES) await this.write();
    return true;
  }

  async write(): Promise<void> {
    if (this.#notes.length > 0) await this.#file.append(this.#notes.splice(0));
  }
}
