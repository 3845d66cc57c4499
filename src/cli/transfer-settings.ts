import {homedir} from 'node:os';
import {join, resolve} from 'node:path';
import type {CredentialSource, Durability} from '../core/contract.js';
import {misuse, outOfRange} from '../core/options.js';
import {Proxy, SSL, type TimeoutOptions, type User} from '../core/settings.js';
import {HeaderScopes} from '../download/header-scopes.js';
import {loadTls} from '../download/tls-material.js';
import type {PreferredSettings} from '../factory/preferred-settings.js';
import {checkSources, type Source} from '../policy/mirror-list.js';
import type {ExistsPolicy} from '../writer/publish.js';
import {named, parseCount, parseDuration, parseHeaders, parseSize, parseWord} from './flag-values.js';
import {Netrc} from './netrc.js';
import {resolveUser} from './password.js';
import {proxyRulesOf, type Environment} from './proxy-environment.js';
import type {TransferFlags} from './transfer-flags.js';

/** The flags of a transfer, checked. */
export interface TransferSettings {
  /** The folder that files go into, absolute. */
  readonly folder: string;
  readonly checksums: string | undefined;
  readonly mirrors: readonly Source[];
  readonly headers: Readonly<Record<string, string>>;
  readonly user: User | undefined;
  readonly netrc: CredentialSource | undefined;
  readonly ssl: SSL | undefined;
  /** Which proxy an address is asked through: by a flag, else by the environment. */
  readonly proxyFor: (url: string) => Proxy | undefined;
  /** A flag says so. */
  readonly proxyGiven: boolean;
  readonly retries: number | undefined;
  readonly timeout: TimeoutOptions;
  readonly maxBytes: number | undefined;
  readonly exists: ExistsPolicy;
  readonly durability: Durability;
  /** Whether parts are left to a later run, and taken up. */
  readonly resume: boolean;
  /** Permission bits of files. */
  readonly mode: number | undefined;
  /** Connections for one file. */
  readonly segments: number | undefined;
  /** The file for receipts, absolute. */
  readonly receipt: string | undefined;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
  readonly progress: boolean;
  /** The flags in use that are for one origin only. */
  readonly bound: readonly string[];
}

/** What preferences say of files. */
export type FilePreferences = Partial<Pick<PreferredSettings, 'writer' | 'segments'>>;

const POLICIES: readonly ExistsPolicy[] = ['error', 'skip', 'skip-if-same', 'replace', 'rename'];
const MOST_SEGMENTS = 64;
const LEVELS: readonly Durability[] = ['none', 'file', 'full'];
/** Headers that say nothing about who asks, as the library sees it; they may go to several origins. */
const HARMLESS = ['accept', 'accept-language', 'user-agent', 'cache-control', 'pragma'];

/**
 * Checks the flags and reads what they name: netrc, password, certificates.
 *
 * @param preferred What holds where no flag says so.
 * @throws TypeError, RangeError, CredentialError naming the flag
 */
export async function readSettings(flags: TransferFlags, env: Environment, ask?: (question: string) => Promise<string>,
  preferred: FilePreferences = {}): Promise<TransferSettings> {
  const headers = parseHeaders(flags.header);
  named('--header', () => { new HeaderScopes([]).set('https://any.example', headers); });
  if (flags.user !== undefined && headers.authorization !== undefined) {
    throw new TypeError('--user: expected no Authorization header beside it, got both');
  }
  for (const other of ['progress', 'verbose'] as const) {
    if (flags.quiet === true && flags[other] === true) throw new TypeError(`--quiet: expected no --${other} beside it, got both`);
  }
  const ssl = sslOf(flags);
  const {checksums, retries, timeout, maxSize} = flags;
  const settings = {
    folder: resolve(flags.dir ?? '.'),
    checksums,
    mirrors: named('--mirror', () => checkSources(flags.mirror)),
    headers,
    ssl,
    proxyFor: proxyOf(flags.proxy, env),
    proxyGiven: flags.proxy !== undefined,
    retries: retries === undefined ? undefined : parseCount('--retries', retries, 0),
    timeout: timeout === undefined ? {} : phases(parseDuration('--timeout', timeout)),
    maxBytes: maxSize === undefined ? undefined : parseSize('--max-size', maxSize),
    exists: parseWord('--exists', flags.exists, POLICIES) ?? preferred.writer?.exists ?? 'skip-if-same',
    durability: parseWord('--durability', flags.durability, LEVELS) ?? preferred.writer?.durability ?? 'full',
    resume: flags.resume ?? preferred.writer?.resume ?? false,
    mode: preferred.writer?.mode,
    segments: flags.segments === undefined ? several(preferred.segments) : parseSegments(flags.segments),
    receipt: flags.receipt === undefined ? undefined : fileOf('--receipt', flags.receipt),
    json: flags.json ?? false, verbose: flags.verbose ?? false, quiet: flags.quiet ?? false, progress: flags.progress ?? false,
    bound: boundFlags(flags, headers),
  };
  if (flags.dir === '') throw misuse('--dir', flags.dir, 'a folder');
  if (ssl !== undefined) await loadTls(ssl);
  const netrc = flags.netrc === undefined ? undefined
    : await Netrc.load(flags.netrc === true || flags.netrc === '' ? join(homedir(), '.netrc') : flags.netrc);
  const user = await resolveUser({user: flags.user, passwordFile: flags.passwordFile, env, ask});
  return {...settings, netrc, user};
}

/** One segment is none. */
function several(segments: number | undefined): number | undefined {
  return segments === 1 ? undefined : segments;
}

function parseSegments(text: string): number {
  const segments = parseCount('--segments', text, 1);
  if (segments > MOST_SEGMENTS) throw outOfRange('--segments', text, `at most ${MOST_SEGMENTS}`);
  return segments;
}

/** A file that a flag names, absolute. @throws TypeError naming the flag */
export function fileOf(flag: string, path: string): string {
  if (path === '' || path === '-' || path.endsWith('/')) throw misuse(flag, path, 'the name of a file');
  return resolve(path);
}

function sslOf({ca, cert, key, insecure}: TransferFlags): SSL | undefined {
  if (ca === undefined && cert === undefined && key === undefined && insecure !== true) return undefined;
  if (key !== undefined && cert === undefined) throw new TypeError('--key: expected --cert beside it, got none');
  return new SSL({caCertificate: ca, clientCertificate: cert, clientKey: key, validation: insecure !== true});
}

function proxyOf(flag: string | false | undefined, env: Environment): (url: string) => Proxy | undefined {
  if (flag === false) return () => undefined;
  if (flag === undefined) {
    const rules = proxyRulesOf(env);
    return (url) => rules.for(url);
  }
  const proxy = named('--proxy', () => new Proxy(flag));
  return () => proxy;
}

function phases(ms: number): TimeoutOptions {
  return {connect: ms, headers: ms, read: ms};
}

function boundFlags(flags: TransferFlags, headers: Readonly<Record<string, string>>): string[] {
  return [
    ...flags.user === undefined ? [] : ['--user'],
    ...Object.keys(headers).every((name) => HARMLESS.includes(name)) ? [] : ['--header'],
    ...flags.cert === undefined ? [] : ['--cert'],
  ];
}

/** The same for an address of another origin: no login, no headers, no client certificate, no waived check. */
export function withoutSecrets(settings: TransferSettings): TransferSettings {
  const ca = settings.ssl?.caCertificate;
  return {...settings, user: undefined, headers: {}, bound: [], ssl: ca === undefined ? undefined : new SSL({caCertificate: ca})};
}
