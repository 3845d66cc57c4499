import type {Command} from 'commander';

/** Where preferences are and whose, as it was typed. */
export interface PrefsFlags {
  /** `false`: none. */
  readonly prefs?: string | false | undefined;
  readonly central?: string | undefined;
  readonly owner?: string | undefined;
  readonly keyFile?: string | undefined;
  /** The name or an address of a remote. */
  readonly remote?: string | undefined;
}

/** Gives a command of `jupiter prefs` the options that say where the preferences are, and whose. */
export function addPlaceFlags(command: Command): Command {
  return addStoreFlags(command).option('--owner <NAME>', 'whose they are (default: your name on this machine)');
}

/** The same for a command that is about everybody's. */
export function addStoreFlags(command: Command): Command {
  return command
    .option('--prefs <FILE>', 'the file with the preferences (default: JUPITER_PREFS, or jupiter/preferences.db in the config folder)')
    .option('--central <WHERE>', 'where global values are: postgres://user@host/database, or a file that says so '
      + '(default: JUPITER_PREFS_CENTRAL)')
    .option('--key-file <FILE>', 'keys that seal secrets: an id and 64 hex digits a line, the first seals (default: JUPITER_PREFS_KEYS)');
}

/** Gives a command that fetches the options that say which preferences it honours. */
export function addHonourFlags(command: Command): Command {
  return command
    .option('--prefs <FILE>', 'the preferences to go by (default: JUPITER_PREFS, or those of jupiter prefs, if there are any)')
    .option('--no-prefs', 'go by no preferences')
    .option('--owner <NAME>', 'whose preferences (default: your name on this machine)')
    .option('--remote <NAME>', 'the name in the preferences of where the (first) address is (default: its host)');
}
