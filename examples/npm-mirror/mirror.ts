import {join} from 'node:path';
import {
  Batch, Context, DigestValidation, DownloadError, DownloadMonitor, Factory, FileWriter, redactUrl, resolveUnder,
  type ContextView, type Delegate, type Download, type Plan, type TotalProgress,
} from 'jupiter-download';
import {writeFacts, type Fact} from './facts.js';
import type {LockedPackage, Lockfile} from './lockfile.js';
import {isFor, type Machine} from './platform.js';
import type {RegistryPreferences} from './preferences.js';
import type {Registry} from './registry.js';
import type {Sums} from './table.js';

/** What is to be mirrored, and how. */
export interface MirrorOptions {
  readonly lockfile: Lockfile;
  readonly registry: Registry;
  /** They stand before what npm is configured for. */
  readonly preferences: RegistryPreferences | undefined;
  /** The mirror's folder. */
  readonly folder: string;
  /** Packages for other machines are left out; undefined takes all. */
  readonly machine: Machine | undefined;
  /** Packages without integrity are fetched, unproven. Else they count as failed: a mirror must be what the lockfile says. */
  readonly allowUnverified: boolean;
  /** Takes part in every download. */
  readonly recorder: Delegate | undefined;
  readonly total: TotalProgress;
  readonly signal: AbortSignal;
  /** Takes a line for people. */
  readonly tell: (line: string) => void;
}

type Tarball = Download<LockedPackage>;

/** Where a package's tarball is in the mirror, as in a registry: `@scope/name/-/name-1.2.3.tgz`. */
export function pathOf({name, version}: LockedPackage): string {
  return `${name}/-/${name.replace(/^.*\//, '')}-${version}.tgz`;
}

/**
 * Mirrors the packages of a lockfile: what is there and good stays, the rest is fetched, and all of it is verified. The
 * facts are written at the end, unless the signal ended the run. @throws Cancelled
 */
export async function mirror(options: MirrorOptions): Promise<{readonly sums: Sums; readonly facts: readonly Fact[]}> {
  const {lockfile, folder, machine, total, signal, preferences} = options;
  const wanted = lockfile.packages.filter((one) => machine === undefined || isFor(one, machine));
  const began = performance.now();
  const facts: Fact[] = [];
  const sums: Sums = {files: wanted.length + lockfile.faults.length, fetched: 0, bytes: 0, reused: 0, retried: 0, failed: 0,
    skipped: lockfile.packages.length - wanted.length, duration: 0};
  const add = (fact: Fact): void => {
    facts.push(fact);
    count(sums, fact);
    if (fact.error !== undefined) options.tell(`failed ${fact.name}@${fact.version}: ${fact.error}`);
  };
  for (const {entry, why} of lockfile.faults) add(failure({name: entry, version: ''}, why));
  const {proven, unproven} = divide(wanted, options.allowUnverified);
  for (const one of unproven) add(failure(one, 'the lockfile has no integrity for it (--allow-unverified fetches it all the same)'));

  total.expect(proven.length);
  const {limits, hosts, batch} = preferences?.run ?? {};
  const context = new Context({limits: {total: 12, perOrigin: 12, ...limits}, hosts});
  try {
    for await (const plan of new Batch(tarballs(proven, options, context), {backlog: 48, ...batch, context, signal})) add(await factOf(plan, options.tell));
  } finally {
    await context.close();
  }
  await writeFacts(join(folder, 'facts.jsonl'), facts);
  sums.duration = performance.now() - began;
  return {sums, facts};
}

/** The downloads, made one by one as the batch asks for them. */
async function *tarballs(packages: readonly LockedPackage[], options: MirrorOptions, context: ContextView): AsyncGenerator<Tarball> {
  const {registry, preferences, folder, recorder, total} = options;
  for (const one of packages) {
    const url = registry.tarballOf(one);
    const {origin} = new URL(url);
    const settings = await preferences?.for(origin);
    const {credentials, ssl} = registry;
    const proxyUrl = settings?.proxy === 'direct' ? undefined : registry.proxyFor(url);
    const factory = new Factory({remote: {url: `${origin}/`, credentials, ssl, proxyUrl, digests: []}, settings, context});
    const writer = new FileWriter(resolveUnder(folder, pathOf(one)), {root: folder, exists: 'skip-if-same'});
    const download = factory.build<LockedPackage>(url, {writer, attachment: one, options: settings?.download});
    if (one.integrity !== undefined) download.append(DigestValidation.fromIntegrity(one.integrity));
    new DownloadMonitor(download, {digests: ['sha512']});
    recorder?.attach(download);
    total.add(download);
    yield download;
  }
}

async function factOf(plan: Plan<Tarball>, tell: MirrorOptions['tell']): Promise<Fact> {
  const {name, version} = plan.download.attachment as LockedPackage;
  const url = redactUrl(plan.download.originalUrl);
  try {
    const {outcome, facts, attempts, warnings} = await plan.result();
    for (const warning of warnings) tell(`warning ${name}@${version}: ${warning.message}`);
    return {name, version, outcome: outcome === 'fetched' ? 'fetched' : 'kept', size: facts.size, sha512: String(facts.sha512), url,
      attempts: attempts.length};
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    return {...failure({name, version}, `${error.code} ${error.message}`), url, attempts: error.attempts.length};
  }
}

function failure({name, version}: Pick<LockedPackage, 'name' | 'version'>, error: string): Fact {
  return {name, version, outcome: 'failed', size: null, sha512: null, url: null, attempts: 0, error};
}

function count(sums: Sums, {outcome, size, attempts}: Fact): void {
  if (outcome === 'failed') sums.failed++;
  else if (outcome === 'kept') sums.reused++;
  else {
    sums.fetched++;
    sums.bytes += size ?? 0;
  }
  if (attempts > 1) sums.retried++;
}

function divide(packages: readonly LockedPackage[], all: boolean): {proven: LockedPackage[]; unproven: LockedPackage[]} {
  const isProven = (one: LockedPackage): boolean => all || one.integrity !== undefined;
  return {proven: packages.filter(isProven), unproven: packages.filter((one) => !isProven(one))};
}
