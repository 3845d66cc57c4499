import {Batch} from '../batch/batch.js';
import {Context, type Limits} from '../core/context.js';
import {CredentialError, DownloadError, WriterError} from '../core/errors.js';
import type {Delegate} from '../core/event.js';
import {ExplainDelegate} from '../delegate/explain-delegate.js';
import type {Download} from '../download/download.js';
import {TotalProgress} from '../monitor/total-progress.js';
import type {ItemNote} from './download-builder.js';
import {EXIT_FAILED, EXIT_USAGE, exitCodeOf} from './exit-codes.js';
import {parseRate} from './flag-values.js';
import {Interruption} from './interruption.js';
import {KeptParts} from './kept-parts.js';
import {exitOfHonoured, faultLine} from './prefs/prefs-faults.js';
import {RunPreferences} from './prefs/run-preferences.js';
import {askTerminal} from './password.js';
import {ProgressDisplay, type ProgressMode} from './progress-display.js';
import {oneLine, Reporter, withoutUrl} from './reporter.js';
import {StandardOutput} from './standard-output.js';
import type {TransferFlags} from './transfer-flags.js';
import {readSettings, type TransferSettings} from './transfer-settings.js';

/** What a command plans with. */
export interface Desk {
  readonly settings: TransferSettings;
  readonly context: Context;
  /** What they say of each origin; undefined: there are none. */
  readonly preferences: RunPreferences | undefined;
  /** Aborted by Ctrl-C and its kin. */
  readonly signal: AbortSignal;
  /** Tells of an item that can't become a download. */
  readonly refuse: (item: number, fault: unknown, url?: string) => void | Promise<void>;
  /** Tells of an item that an earlier run did. */
  readonly skip: (item: number, url: string, path: string) => void | Promise<void>;
}

/** What a command wants done. */
export interface Work {
  readonly downloads: Iterable<Download<ItemNote>> | AsyncIterable<Download<ItemNote>>;
  /** How many there are, when known. */
  readonly expected?: number | undefined;
  readonly backlog?: number | undefined;
  /** Downloads running at once; undefined: as many as alive. */
  readonly concurrency?: number | undefined;
  /** Whether a failure is told by an exit code of its own: one address was asked for. */
  readonly single?: boolean | undefined;
  /** Whether a line for each file says where it is. */
  readonly tellsPaths?: boolean | undefined;
  /** Takes down what becomes of each. */
  readonly receipts?: Delegate | undefined;
  /** Releases what the downloads were read from, and what was written beside them. */
  readonly close?: (() => void | Promise<void>) | undefined;
}

/** How a transfer is run. */
export interface TransferOptions {
  /** `jupiter get` or `jupiter batch`, for messages. */
  readonly name: string;
  readonly flags: TransferFlags;
  /** An address of the origin that the run is about, if there is one: its preferences hold for the run as a whole. */
  readonly home: string | undefined;
  /** How many at once. @throws TypeError, RangeError naming the flag */
  readonly limits?: (() => Partial<Limits>) | undefined;
  /** Whether stdin is free for questions. */
  readonly mayAsk: boolean;
  /** Whether the bytes go to stdout. */
  readonly toStdout?: boolean | undefined;
  /** Checks everything and gives the work. What it throws is a fault of usage; nothing was fetched then. */
  readonly plan: (desk: Desk) => Promise<Work>;
}

/** The story of a command: check, fetch, tell. @returns the exit code */
export async function transfer(options: TransferOptions): Promise<number> {
  let context: Context;
  let preferences: RunPreferences | undefined;
  try {
    const {flags: {limitRate}, name, home} = options;
    const bandwidth = limitRate === undefined ? undefined : parseRate('--limit-rate', limitRate);
    const limits = {...options.limits?.(), ...bandwidth === undefined ? {} : {bandwidth}};
    preferences = await RunPreferences.open(options.flags, process.env, {name, home});
    context = new Context({limits: {...preferences?.run.limits, ...limits}});
  } catch (thrown) {
    await preferences?.close();
    return tellFault(options.name, thrown, false);
  }
  const interruption = new Interruption();
  const output = new StandardOutput(options.name, (why) => { interruption.abort(why); });
  try {
    const code = await perform(options, context, interruption, preferences);
    return interruption.exitCode ?? await output.end(code);
  } finally {
    interruption.release();
    output.release();
    await context.close();
    await preferences?.close();
  }
}

async function perform({name, flags, mayAsk, toStdout = false, plan}: TransferOptions, context: Context,
  interruption: Interruption, preferences: RunPreferences | undefined): Promise<number> {
  const {signal} = interruption;
  const total = new TotalProgress();
  const display = new ProgressDisplay(total, modeOf(flags, toStdout));
  const ask = mayAsk && process.stdin.isTTY && process.stderr.isTTY ? (question: string) => askTerminal(question, signal) : undefined;
  let work: Work;
  let reporter: Reporter;
  try {
    const settings = await readSettings(flags, process.env, ask, toStdout ? undefined : preferences?.run);
    reporter = new Reporter({line: (text) => { display.line(text); }, records: settings.json ? process.stdout : undefined,
      durability: settings.durability});
    work = await plan({settings, context, preferences, signal, refuse: (item, fault, url) => reporter.refuse(item, fault, url),
      skip: (item, url, path) => reporter.skip(item, url, path)});
    signal.throwIfAborted();
  } catch (thrown) {
    return tellFault(name, thrown, signal.aborted);
  }
  if (work.expected !== undefined) total.expect(work.expected);
  const kept = new KeptParts();
  const explain = flags.verbose === true ? explainer(display, work) : undefined;
  const watchers = [reporter, ...work.receipts === undefined ? [] : [work.receipts], kept, ...explain === undefined ? [] : [explain]];
  reporter.tellsPaths = work.tellsPaths === true && flags.quiet !== true;
  reporter.single = work.single === true;
  display.start();
  try {
    const {backlog, concurrency} = work;
    const batch = new Batch(watch(work, total, reporter, watchers), {backlog, concurrency, context, signal});
    const plans = batch[Symbol.asyncIterator]();
    // The reporter hears of each by itself; here they only have to be run.
    while ((await plans.next()).done !== true);
  } catch (thrown) {
    // What the signal ended was told by its downloads.
    if (!signal.aborted) await reporter.refuse(0, thrown);
  } finally {
    await close(work, reporter);
    display.stop();
  }
  if (reporter.proxyFailed && flags.proxy === undefined && preferences?.namesProxy === true) {
    process.stderr.write(`${name}: the proxy is that of the preferences; --no-prefs goes by none, --proxy names another\n`);
  }
  if (flags.quiet !== true) {
    const nothing = reporter.isEmpty && !signal.aborted;
    const lines = [kept.line, nothing ? 'the list is empty: nothing to fetch' : reporter.summary(interruption.by)];
    process.stderr.write(lines.flatMap((line) => line === undefined ? [] : [`${line}\n`]).join(''));
  }
  if (reporter.failed === 0) return reporter.cancelled === 0 ? 0 : EXIT_FAILED;
  return work.single === true && reporter.lastError !== undefined ? exitCodeOf(reporter.lastError) : EXIT_FAILED;
}

async function close(work: Work, reporter: Reporter): Promise<void> {
  try {
    await work.close?.();
  } catch (thrown) {
    reporter.fault(thrown);
  }
}

async function *watch(work: Work, total: TotalProgress, reporter: Reporter,
  watchers: readonly Delegate[]): AsyncGenerator<Download<ItemNote>> {
  let count = 0;
  for await (const download of work.downloads) {
    count++;
    for (const watcher of watchers) watcher.attach(download);
    total.add(download);
    if (work.expected !== undefined) total.expect(work.expected - reporter.skipped);
    yield download;
  }
  total.expect(count);
}

/** Says why, above the progress; where there are several downloads, of which one. */
function explainer(display: ProgressDisplay, {single}: Work): Delegate {
  return new ExplainDelegate({write: (line, {attachment}) => {
    const {number} = attachment as ItemNote;
    display.line(`* ${single === true ? '' : `item ${number}: `}${oneLine(line)}`);
  }});
}

/** Before anything was fetched: usage, or a checksum file that could not be had. */
function tellFault(name: string, thrown: unknown, aborted: boolean): number {
  if (aborted) return EXIT_FAILED;
  if (thrown instanceof DownloadError && !(thrown instanceof WriterError) && !(thrown instanceof CredentialError)) {
    process.stderr.write(`failed ${thrown.code} ${oneLine(thrown.url ?? '')}: ${oneLine(withoutUrl(thrown.message, thrown.url ?? ''))}\n`);
    return exitCodeOf(thrown);
  }
  const code = exitOfHonoured(thrown);
  if (code !== undefined) {
    process.stderr.write(`${name}: ${faultLine(thrown)}\n`);
    return code;
  }
  if (!(thrown instanceof TypeError || thrown instanceof RangeError || thrown instanceof DownloadError)) throw thrown;
  process.stderr.write(`${name}: ${inFlags(oneLine(thrown.message))}\n`);
  return EXIT_USAGE;
}

/** The library's names of options, as the flags that they came from. */
function inFlags(message: string): string {
  const names = {'ssl.caCertificate': '--ca', 'ssl.clientCertificate': '--cert', 'ssl.clientKey': '--key'};
  const start = message.replace(/^journal: /, '--journal: ');
  return Object.entries(names).reduce((text, [option, flag]) => text.replaceAll(option, flag), start);
}

function modeOf({quiet, progress, json}: TransferFlags, toStdout: boolean): ProgressMode {
  if (quiet === true) return 'off';
  const mixed = process.stdout.isTTY && (toStdout || json === true);
  if (process.stderr.isTTY && !mixed) return 'bar';
  return progress === true ? 'lines' : 'off';
}
