import {existsSync} from 'node:fs';
import {userInfo} from 'node:os';
import {CatalogueError, Contradiction, MergeConflict, NotInCatalogue, Refused} from '../../catalogue/catalogue-errors.js';
import type {ReleaseCatalogue} from '../../catalogue/contract.js';
import {misuse} from '../../core/options.js';
import {messageOf} from '../../core/foreign-error.js';
import {StandardRetryPolicy} from '../../policy/retry-policy.js';
import {EXIT_FAILED, EXIT_REFUSED, EXIT_USAGE} from '../exit-codes.js';
import {oneLine} from '../reporter.js';
import type {Environment} from '../proxy-environment.js';
import {conflictLines} from './conflict-table.js';

/** Where a catalogue is, as every one of its commands is told. */
export interface PlaceFlags {
  readonly catalogue?: string | undefined;
  readonly tokenFile?: string | undefined;
}

/** A catalogue for one command. */
export interface Place {
  readonly catalogue: ReleaseCatalogue;
  /** A path or a postgres:// URL; undefined: it is on a server. */
  readonly location: string | undefined;
}

/** The text of `--catalogue` in every command's help. */
export const PLACE = ['--catalogue <WHERE>', 'a file, postgres://… or the http(s) address of a server (default: JUPITER_CATALOGUE)'] as const;
/** The same of `--token-file`. */
export const TOKEN_FILE = ['--token-file <FILE>', 'holds the token for a server (default: JUPITER_TOKEN)'] as const;

/** One command on a catalogue. */
export interface PlaceUse {
  readonly command: string;
  readonly flags: PlaceFlags;
  readonly env: Environment;
  /** Makes a catalogue that is missing, and is patient with a server that is away; the others only read. */
  readonly makes?: boolean | undefined;
}

/**
 * Opens the catalogue, works with it and closes it. Whatever the catalogue refuses is told on stderr.
 *
 * @returns the exit code
 */
export async function withCatalogue({command, flags, env, makes = false}: PlaceUse, work: (place: Place) => Promise<void>): Promise<number> {
  const say = (text: string): void => { process.stderr.write(`jupiter catalogue ${command}: ${text}\n`); };
  try {
    const where = locationOf(flags, env);
    if (/^https?:\/\//i.test(where)) {
      const {CatalogueClient} = await import('../../catalogue/client/catalogue-client.js');
      const client = new CatalogueClient({url: where, token: tokenOf(flags, env), retry: makes ? undefined : new StandardRetryPolicy({retries: 1})});
      try {
        await work({catalogue: client, location: undefined});
      } finally {
        await client.close();
      }
      return 0;
    }
    if (!makes && !/^[a-z][a-z\d+.-]*:\/\//i.test(where) && !existsSync(where)) throw misuse('--catalogue', where, 'a catalogue that is there');
    const {Catalogue} = await import('../../catalogue/catalogue.js');
    const catalogue = await Catalogue.open(where);
    try {
      await work({catalogue, location: where});
    } finally {
      await catalogue.close();
    }
    return 0;
  } catch (thrown) {
    if (thrown instanceof MergeConflict) for (const line of conflictLines(thrown.conflicts)) process.stderr.write(`${line}\n`);
    const code = exitOf(thrown);
    if (code === undefined) throw thrown;
    say(oneLine(thrown instanceof CatalogueError ? `${thrown.code}: ${thrown.message}` : messageOf(thrown)));
    return code;
  }
}

/** For commands that work on the database itself. @throws TypeError when it is on a server */
export function locally({location}: Place, what: string): string {
  if (location === undefined) throw new TypeError(`--catalogue: expected a file or a PostgreSQL database to ${what}, got the address of a server`);
  return location;
}

/** Who writes: told by `--actor`, else the user of this machine. */
export function actorOf(actor: string | undefined): string {
  return actor ?? userInfo().username;
}

function locationOf({catalogue}: PlaceFlags, {JUPITER_CATALOGUE}: Environment): string {
  const where = catalogue ?? JUPITER_CATALOGUE ?? '';
  if (where === '') throw misuse('--catalogue', where, 'a file, a PostgreSQL URL or the address of a server, here or in JUPITER_CATALOGUE');
  return where;
}

function tokenOf({tokenFile}: PlaceFlags, {JUPITER_TOKEN}: Environment): {file: string} | {variable: string} | undefined {
  if (tokenFile !== undefined) return {file: tokenFile};
  return JUPITER_TOKEN === undefined ? undefined : {variable: 'JUPITER_TOKEN'};
}

function exitOf(thrown: unknown): number | undefined {
  if (thrown instanceof TypeError || thrown instanceof RangeError || thrown instanceof Refused) return EXIT_USAGE;
  if (thrown instanceof NotInCatalogue) return 4;
  if (thrown instanceof Contradiction) return EXIT_REFUSED;
  const isMissing = (thrown as {code?: unknown} | null)?.code === 'ERR_OPTIONAL_MISSING';
  if (isMissing) return EXIT_USAGE;
  if (!(thrown instanceof CatalogueError)) return undefined;
  if (/^(?:UNAUTHENTICATED|UNAUTHORIZED|FORBIDDEN|TOKEN_UNAVAILABLE)$/.test(thrown.code)) return 5;
  return /^(?:UNREACHABLE|TIMED_OUT)$/.test(thrown.code) ? 3 : EXIT_FAILED;
}
