import type {Command} from 'commander';
import {misuse} from '../../core/options.js';
import {originOf} from '../../core/url.js';
import type {LocalMode, WriteResult} from '../../preferences/contract.js';
import type {Setting} from '../../preferences/registry/setting.js';
import {EXIT_REFUSED} from '../exit-codes.js';
import {parseWord} from '../flag-values.js';
import {addNote, repeatable} from '../help-note.js';
import {givenValue, type ValueFlags} from './given-values.js';
import {missingReferences} from './missing-references.js';
import {addPlaceFlags, type PrefsFlags} from './prefs-flags.js';
import {scopeOf, withPreferences, type Desk} from './prefs-place.js';

interface WriteFlags extends PrefsFlags, ValueFlags {
  readonly global?: boolean | undefined;
  readonly exception?: boolean | undefined;
  readonly all?: boolean | undefined;
  readonly mode?: string | undefined;
  readonly origin?: string | undefined;
  readonly except: readonly string[];
  readonly clear: readonly string[];
}

const MODES: readonly LocalMode[] = ['ignore', 'override', 'update', 'create'];
const REMOTE = ['--remote <NAME>', 'for this remote: a name, or one of its addresses'] as const;

const SECRETS = `Values are JSON, or texts as they are; a list takes several. Secrets are never typed as values:
--from-env and --from-file keep where they are, stdin or a prompt takes one to be sealed with the
key of --key-file. A header is x-client=env:NAME or x-client=file:PATH; all of them are replaced. A
global secret is for one --origin only.`;

/** `jupiter prefs set|unset`. */
export function addWriting(prefs: Command, finish: (code: number) => void): void {
  const run = async (name: string, flags: WriteFlags, work: (desk: Desk) => Promise<number | undefined>): Promise<void> => {
    finish(await withPreferences(name, flags, process.env, true, work));
  };
  addNote(addPlaceFlags(prefs.command('set').description('set a value: for one remote, or globally for all')
    .argument('<NAME>', 'a setting; with --exception alone also a group such as proxy').argument('[VALUE...]', 'not for secrets'))
    .option(...REMOTE)
    .option('--global', 'for all remotes without an exception')
    .option('--exception', 'the remote is an exception: its own value holds, this one if there is one, whatever is global')
    .option('--mode <MODE>', 'when a global value holds: ignore (tell, and change nothing), override (as '
      + '--exception), update or create the global one (default: ignore)')
    .addOption(repeatable('--except <NAME>', 'with --global: make this remote an exception first'))
    .option('--from-env <NAME>', 'a secret: the variable that has it').option('--from-file <FILE>', 'a secret: the file that has it')
    .option('--origin <URL>', 'a secret: the only scheme, host and port that gets it'), SECRETS)
    .action((name: string, words: string[], flags: WriteFlags) => run('set', flags, (desk) => set(desk, name, words, flags)));
  addPlaceFlags(prefs.command('unset').description('take a value back: the next layer holds again')
    .argument('[NAME]', 'a setting, or a group such as proxy'))
    .option(...REMOTE)
    .option('--global', 'the global value; local ones and exceptions stay')
    .option('--exception', 'the exception; the local value stays')
    .addOption(repeatable('--clear <NAME>', 'with --global: end the exception of this remote afterwards'))
    .option('--all', 'every setting: of the remote with its exceptions, or every global one')
    .action((name: string | undefined, flags: WriteFlags) => run('unset', flags, (desk) => unset(desk, name, flags)));
}

async function set(desk: Desk, name: string, words: readonly string[], flags: WriteFlags): Promise<number | undefined> {
  const {preferences, place} = desk;
  const mode = parseWord('--mode', flags.mode, MODES);
  refuse(flags, [['--global', '--exception'], ['--global', '--mode'], ['--exception', '--mode']]);
  if (flags.except.length > 0 && flags.global !== true) throw new TypeError('--except: expected --global beside it, got none');
  needRemote(desk, flags);
  if (flags.exception === true && words.length === 0 && flags.fromEnv === undefined && flags.fromFile === undefined) {
    return told(desk, name, await preferences.setException(place, name), `${place.scope} is an exception`);
  }
  const setting = preferences.registry.get(name);
  const origin = await originFor(desk, setting, flags);
  const value = await givenValue(setting, words, flags);
  for (const missing of missingReferences(value, process.env)) desk.warn(`${missing}; whatever uses ${name} will need it`);
  if (flags.global === true) {
    const result = await preferences.setGlobal(place.owner, name, value, {except: flags.except.map(scopeOf), origin});
    return told(desk, name, result, 'the global value is set');
  }
  const written = await preferences.setLocal(place, name, value, {mode: flags.exception === true ? 'override' : mode, origin});
  // Where nothing is global yet, the value alone would give way to what is made global later.
  const excepts = flags.exception === true && setting.globalisable;
  const result = excepts ? {...written, rows: written.rows + (await preferences.setException(place, name)).rows} : written;
  const code = told(desk, name, result, result.target === 'global' ? 'the global value is set'
    : `the value for ${place.scope} is set${excepts ? ', whatever is global' : ''}`);
  return result.target === 'none' && mode === 'ignore' ? undefined : code;
}

async function unset(desk: Desk, name: string | undefined, flags: WriteFlags): Promise<number | undefined> {
  const {preferences, place} = desk;
  const {all, global} = flags;
  refuse(flags, [['--global', '--exception'], ['--all', '--exception']]);
  if ((name === undefined) !== (all === true)) throw new TypeError('NAME: expected a setting, or --all, and not both');
  if (flags.clear.length > 0 && (global !== true || all === true)) throw new TypeError('--clear: expected --global and a NAME beside it');
  needRemote(desk, flags);
  if (name === undefined) {
    const result = global === true ? await preferences.removeAllGlobals(place.owner) : await preferences.resetLocal(place);
    const [none, left] = global === true ? ['nothing was set globally', 'no global value is left']
      : [`nothing was set for ${place.scope}`, `nothing of ${place.scope} is left`];
    desk.print(result.rows === 0 ? `${none}, so nothing changed` : left);
    return undefined;
  }
  if (global === true) {
    const result = await preferences.removeGlobal(place.owner, name, {clear: flags.clear.map(scopeOf)});
    return told(desk, name, result, 'the global value is gone');
  }
  if (flags.exception === true) {
    return told(desk, name, await preferences.clearException(place, name), `${place.scope} is no exception any more`);
  }
  let code: number | undefined;
  for (const setting of preferences.registry.select(name)) {
    const fallback = setting.exposure === 'secret' ? null : (await preferences.inspect(place, setting.name)).default.value;
    const result = await preferences.setLocal(place, setting.name, fallback);
    const hint = '--global takes that one back, --all everything of the remote';
    code = told(desk, setting.name, result, `no value for ${place.scope} is left`, hint) ?? code;
  }
  return code;
}

/** Says what a write did. @param hint What to do instead, when it did nothing. @returns the exit code, if it did not do what was asked */
function told({print, warn, place}: Desk, name: string, {rows, target, warning}: WriteResult, what: string,
  hint = `--exception makes ${place.scope} an exception, --mode update changes the global value`): number | undefined {
  if (target === 'none') {
    warn(`${warning ?? name}; ${hint}`);
    return EXIT_REFUSED;
  }
  print(`${name}: ${rows === 0 ? 'it is so already, nothing changed' : what}`);
  if (warning !== undefined) warn(warning);
  return undefined;
}

/** The only place that may get a secret; that of the proxy is known from its address. */
async function originFor({preferences, place}: Desk, setting: Setting, {origin, global}: WriteFlags): Promise<string | undefined> {
  const {name, exposure, option} = setting;
  if (exposure !== 'secret') {
    if (origin !== undefined) throw new TypeError(`--origin: expected a setting that is a secret, got ${name}`);
    return undefined;
  }
  if (origin !== undefined) {
    if (!/^https?:/.test(origin) || !URL.canParse(origin)) throw misuse('--origin', origin, 'an origin such as https://registry.example');
    return originOf(origin);
  }
  if (option?.startsWith('proxyUrl.') === true) {
    const proxy = await preferences.get(place, 'proxy.url');
    if (typeof proxy === 'string') return originOf(proxy);
    throw new TypeError(`--origin: expected the origin of the proxy that ${name} is for, or proxy.url set first, got neither`);
  }
  if (global === true) throw new TypeError(`--origin: expected the origin that ${name} is for, since it is global, got none`);
  return undefined;
}

function needRemote({named}: Desk, {global}: WriteFlags): void {
  if (!named && global !== true) throw new TypeError('--remote: expected the name or an address of a remote, or --global; got neither');
  if (named && global === true) throw new TypeError('--global: expected no --remote beside it, got both');
}

/** Pairs of flags that can't stand together. @throws TypeError */
function refuse(flags: WriteFlags, pairs: readonly (readonly [string, string])[]): void {
  const isGiven = (flag: string): boolean => {
    const value = flags[flag.slice(2) as keyof WriteFlags];
    return value !== undefined && value !== false;
  };
  for (const [one, other] of pairs) {
    if (isGiven(one) && isGiven(other)) throw new TypeError(`${one}: expected no ${other} beside it, got both`);
  }
}
