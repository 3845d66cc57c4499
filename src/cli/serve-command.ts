import {Command} from 'commander';
import {stat} from 'node:fs/promises';
import {resolve} from 'node:path';
import {ContentStore} from '../compose/content-store.js';
import {AllowedHosts} from '../core/allowed-hosts.js';
import {Context} from '../core/context.js';
import {DownloadError, WriterError} from '../core/errors.js';
import {messageOf} from '../core/foreign-error.js';
import {plainUrl} from '../core/url.js';
import type {PreferredSettings} from '../factory/preferred-settings.js';
import type {Importer} from '../streamer/importer.js';
import {DebianImporter, suiteNames} from '../streamer/importers/debian-importer.js';
import {NpmImporter} from '../streamer/importers/npm-importer.js';
import {PrefixImporter} from '../streamer/importers/prefix-importer.js';
import type {UpstreamOptions} from '../streamer/importers/upstream.js';
import type {Listening} from '../streamer/listener.js';
import {STREAM_LIMITS} from '../streamer/patience.js';
import {Streamer} from '../streamer/streamer.js';
import {foldersOf} from '../writer/folders.js';
import {EXIT_OUTPUT_CLOSED, EXIT_USAGE} from './exit-codes.js';
import {named, parsePort, parseSize, parseWord} from './flag-values.js';
import {addNote, repeatable} from './help-note.js';
import {Interruption} from './interruption.js';
import {resolveUser} from './password.js';
import {addHonourFlags, type PrefsFlags} from './prefs/prefs-flags.js';
import {exitOfHonoured, faultLine} from './prefs/prefs-faults.js';
import {RunPreferences} from './prefs/run-preferences.js';
import {proxyRulesOf, type Environment} from './proxy-environment.js';
import {oneLine} from './reporter.js';
import {StandardOutput} from './standard-output.js';

interface ServeFlags extends PrefsFlags {
  readonly importer: string;
  readonly upstream: string;
  readonly store: string;
  readonly port?: string | undefined;
  readonly host?: string | undefined;
  readonly maxSize?: string | undefined;
  readonly offline?: boolean | undefined;
  readonly allowHost: readonly string[];
  readonly suite: readonly string[];
  readonly user?: string | undefined;
  readonly passwordFile?: string | undefined;
}

/** The importers by the names that they have here. */
const IMPORTERS: Readonly<Record<'npm' | 'debian' | 'prefix', (options: UpstreamOptions, suites: readonly string[]) => Importer>> = {
  npm: (options) => new NpmImporter(options),
  debian: (options, suites) => new DebianImporter({...options, suites}),
  prefix: (options) => new PrefixImporter({...options, query: true}),
};
const NAMES = Object.keys(IMPORTERS) as (keyof typeof IMPORTERS)[];
const DEFAULT_PORT = 8080;

const NOTE = `The address that it listens on is written to stdout. SIGTERM, SIGINT and SIGHUP let the replies under
way finish for 10 s and reset what is not done by then: no client takes a cut body for a whole one.
/-/health and /-/metrics tell how it is. Proxies are those of the preferences, else of the
environment (https_proxy and its kin). A password comes from --password-file or JUPITER_PASSWORD, and
goes to the upstream alone.`;

/** `jupiter serve`: a pull-through server in front of a registry, an archive or any folder. @param finish takes the exit code */
export function serveCommand(finish: (code: number) => void): Command {
  const command = addHonourFlags(new Command('serve')
    .description('answer requests with what an upstream has: verified, kept in a store, fetched once')
    .requiredOption('--importer <NAME>', `what the upstream is: ${NAMES.join(', ')} (required)`)
    .requiredOption('--upstream <URL>', 'the folder that everything is below (required)')
    .requiredOption('--store <DIR>', 'where to keep what was fetched (required)')
    .option('--port <N>', `0 is any free one (default: ${DEFAULT_PORT})`)
    .option('--host <ADDRESS>', 'the address to listen on (default: 127.0.0.1, so this machine only)')
    .option('--max-size <SIZE>', 'of the store; what was not used for longest goes (default: no limit)')
    .addOption(repeatable('--allow-host <HOST>', 'a host besides the upstream\'s that may be asked, after a redirect say: name, name:port, '
      + '*.name', 'any'))
    .addOption(repeatable('--suite <NAME>', 'debian: a suite whose files are verified before a client asked for it'))
    .option('--offline', 'ask the upstream nothing: give what is in the store')
    .option('--user <NAME[:PASSWORD]>',
      'log in at the upstream (basic); without PASSWORD it comes from --password-file or JUPITER_PASSWORD')
    .option('--password-file <FILE>', 'its first line is the password of --user'));
  return addNote(command, NOTE).action(async (flags: ServeFlags) => { finish(await serve(flags, process.env)); });
}

/** Listens until a signal ends it. @returns the exit code */
async function serve(flags: ServeFlags, env: Environment): Promise<number> {
  const interruption = new Interruption();
  const output = new StandardOutput('jupiter serve');
  let streamer: Streamer | undefined;
  let context: Context | undefined;
  try {
    const preferences = await RunPreferences.open(flags, env, {name: 'jupiter serve', home: flags.upstream});
    // What they say now holds as long as it serves.
    await preferences?.close();
    const {limits, hosts} = preferences?.run ?? {};
    context = new Context({limits: {...STREAM_LIMITS, ...limits}, hosts: hostsOf(flags) ?? hosts});
    const port = portOf(flags.port);
    streamer = await streamerOf(flags, env, context, preferences?.run);
    await checkStore(flags, context);
    const {url} = await listening(streamer, port, flags.host);
    output.print(url);
    await output.flush();
    await interruption.came();
    return interruption.exitCode ?? 0;
  } catch (thrown) {
    if (output.closed) return EXIT_OUTPUT_CLOSED;
    const code = exitOfHonoured(thrown);
    if (code !== undefined) {
      process.stderr.write(`jupiter serve: ${faultLine(thrown)}\n`);
      return code;
    }
    if (!(thrown instanceof TypeError || thrown instanceof RangeError || thrown instanceof DownloadError)) throw thrown;
    process.stderr.write(`jupiter serve: ${oneLine(thrown.message)}\n`);
    return EXIT_USAGE;
  } finally {
    await streamer?.close();
    interruption.release();
    output.release();
    await context?.close();
  }
}

async function streamerOf(flags: ServeFlags, env: Environment, context: Context, preferred: PreferredSettings | undefined):
Promise<Streamer> {
  const make = IMPORTERS[parseWord('--importer', flags.importer, NAMES) as keyof typeof IMPORTERS];
  const maxBytes = flags.maxSize === undefined ? undefined : parseSize('--max-size', flags.maxSize);
  const store = named('--store', () => new ContentStore({folder: flags.store}));
  const {href} = plainUrl('--upstream', flags.upstream, ['http:', 'https:']);
  const user = await resolveUser({user: flags.user, passwordFile: flags.passwordFile, env, ask: false});
  const {offline} = flags;
  const suites = suitesOf(flags);
  const {digests: _ours, ...settings} = preferred?.settings() ?? {};
  const proxyUrl = preferred?.proxy === undefined ? proxyRulesOf(env).for(href) : settings.proxyUrl;
  const login = user === undefined ? {} : {user, token: undefined};
  const importer = named('--upstream', () =>
    make({...settings, ...login, upstream: flags.upstream, context, offline, proxyUrl}, suites));
  return new Streamer({importer, store, context, maxBytes, offline});
}

/**
 * Before anybody asks: a store that nothing can be put into would make every answer a fault. A folder that is missing is
 * made and removed again, as only that proves it. Offline, one that is there is only read.
 *
 * @throws WriterError
 */
async function checkStore({store, offline}: ServeFlags, context: Context): Promise<void> {
  const folder = resolve(store);
  try {
    const folders = foldersOf(context, undefined);
    const isThere = offline === true && (await stat(folder).catch(() => undefined))?.isDirectory() === true;
    if (isThere || await folders.check(folder)) return;
    const made: string[] = [];
    await folders.make(folder, made);
    await folders.remove(made);
  } catch (thrown) {
    if (thrown instanceof WriterError) thrown.message = `--store: ${thrown.message}`;
    throw thrown;
  }
}

/** The only hosts that may be asked; undefined: any. */
function hostsOf({allowHost, upstream}: ServeFlags): string[] | undefined {
  if (allowHost.length === 0) return undefined;
  new AllowedHosts('--allow-host', allowHost);
  return [new URL(plainUrl('--upstream', upstream, ['http:', 'https:']).href).host, ...allowHost];
}

/** Known from the start; only an archive has them. */
function suitesOf({importer, suite}: ServeFlags): readonly string[] {
  if (suite.length > 0 && importer !== 'debian') throw new TypeError(`--suite: expected --importer debian beside it, got ${importer}`);
  return suiteNames('--suite', suite);
}

async function listening(streamer: Streamer, port: number, host: string | undefined): Promise<Listening> {
  try {
    return await streamer.listen({port, host});
  } catch (cause) {
    const got = `${host ?? '127.0.0.1'}:${port}: ${messageOf(cause)}`;
    throw new TypeError(`--port, --host: expected a free port of this machine, got ${got}`, {cause});
  }
}

function portOf(text: string | undefined): number {
  return text === undefined ? DEFAULT_PORT : parsePort('--port', text);
}
