import {PreferredSettings} from '../../factory/preferred-settings.js';
import type {Place} from '../../preferences/contract.js';
import {UnknownSetting} from '../../preferences/preferences-errors.js';
import type {Environment} from '../proxy-environment.js';
import {StandardOutput} from '../standard-output.js';
import {hintFor} from './near-names.js';
import {openPreferences, ownerOf, type OpenedPreferences} from './open-preferences.js';
import {exitOfFault, faultLine} from './prefs-faults.js';
import type {PrefsFlags} from './prefs-flags.js';
import {locate} from './prefs-location.js';

/** The preferences of everybody, for one command. */
export interface Stores extends OpenedPreferences {
  /** A line for people, on stderr. */
  readonly warn: (text: string) => void;
  /** A line of the answer, on stdout. */
  readonly print: (text: string) => void;
}

/** The preferences of one owner, for one command. */
export interface Desk extends Stores {
  /** Whose they are, and of which remote. */
  readonly place: Place;
  /** Whether the remote was named. */
  readonly named: boolean;
}

/** The remote of a command that names none: one that nobody made settings for, so that it shows what holds for all. */
export const ANY = '*';

/**
 * Opens the preferences, works with them and closes them. Whatever they refuse is told on stderr.
 *
 * @param writes Whether a missing file is made.
 * @param work Its number is the exit code; undefined stands for 0.
 * @returns the exit code
 */
export function withPreferences(command: string, flags: PrefsFlags, env: Environment, writes: boolean,
  work: (desk: Desk) => Promise<number | undefined>): Promise<number> {
  const placed = (): Pick<Desk, 'place' | 'named'> =>
    ({place: {owner: ownerOf(flags), scope: scopeOf(flags.remote ?? ANY)}, named: flags.remote !== undefined});
  return withEverybody(command, flags, env, writes, work, placed);
}

/**
 * The same for a command that is about everybody's.
 *
 * @param placed What `work` needs besides; it is made before anything is opened.
 */
export async function withEverybody<D extends object = object>(command: string, flags: PrefsFlags, env: Environment, writes: boolean,
  work: (stores: Stores & D) => Promise<number | undefined>, placed: () => D = () => ({} as D)): Promise<number> {
  const warn = (text: string): void => { process.stderr.write(`jupiter prefs ${command}: ${text}\n`); };
  const output = new StandardOutput(`jupiter prefs ${command}`);
  const print = (text: string): void => { output.print(text); };
  try {
    const place = placed();
    const opened = await openPreferences(locate(flags, env), flags, env, writes);
    try {
      return await output.end(await work({...opened, ...place, warn, print}) ?? 0);
    } catch (thrown) {
      if (thrown instanceof UnknownSetting) thrown.message += hintFor(thrown.setting ?? '', opened.options.registry);
      throw thrown;
    } finally {
      await opened.preferences.close();
    }
  } catch (thrown) {
    const code = exitOfFault(thrown);
    if (code === undefined) throw thrown;
    warn(faultLine(thrown));
    return code;
  } finally {
    output.release();
  }
}

/** A remote by its name, or by one of its addresses. @throws TypeError */
export function scopeOf(remote: string): string {
  return remote.includes('://') ? PreferredSettings.scopeOf(remote) : remote;
}
