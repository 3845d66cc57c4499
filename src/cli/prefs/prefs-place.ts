import {PreferredSettings} from '../../factory/preferred-settings.js';
import type {Place} from '../../preferences/contract.js';
import type {Environment} from '../proxy-environment.js';
import {openPreferences, ownerOf, type OpenedPreferences} from './open-preferences.js';
import {exitOfFault, faultLine} from './prefs-faults.js';
import type {PrefsFlags} from './prefs-flags.js';
import {locate} from './prefs-location.js';

/** Preferences for one command. */
export interface Desk extends OpenedPreferences {
  /** Whose they are, and of which remote. */
  readonly place: Place;
  /** Whether the remote was named. */
  readonly named: boolean;
  /** A line for people, on stderr. */
  readonly warn: (text: string) => void;
  /** A line of the answer, on stdout. */
  readonly print: (text: string) => void;
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
export async function withPreferences(command: string, flags: PrefsFlags, env: Environment, writes: boolean,
  work: (desk: Desk) => Promise<number | undefined>): Promise<number> {
  const warn = (text: string): void => { process.stderr.write(`jupiter prefs ${command}: ${text}\n`); };
  const print = (text: string): void => { process.stdout.write(`${text}\n`); };
  try {
    const place = {owner: ownerOf(flags), scope: scopeOf(flags.remote ?? ANY)};
    const opened = await openPreferences(locate(flags, env), flags, env, writes);
    try {
      return await work({...opened, place, named: flags.remote !== undefined, warn, print}) ?? 0;
    } finally {
      await opened.preferences.close();
    }
  } catch (thrown) {
    const code = exitOfFault(thrown);
    if (code === undefined) throw thrown;
    warn(faultLine(thrown));
    return code;
  }
}

/** A remote by its name, or by one of its addresses. @throws TypeError */
export function scopeOf(remote: string): string {
  return remote.includes('://') ? PreferredSettings.scopeOf(remote) : remote;
}
