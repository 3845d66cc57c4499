import {stat} from 'node:fs/promises';
import {userInfo} from 'node:os';
import {dirname, resolve} from 'node:path';
import type {ReleaseCatalogue} from '../../catalogue/contract.js';
import {misuse} from '../../core/options.js';
import {StandardRetryPolicy} from '../../policy/retry-policy.js';
import {fileFault} from '../file-fault.js';
import {checkPrivate} from '../private-file.js';
import type {Environment} from '../proxy-environment.js';
import {atDesk, type Desk} from './catalogue-desk.js';

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

/** The text of `--catalogue` in the help of commands that also work over HTTP. */
export const PLACE = ['--catalogue <WHERE>', 'a file, postgres://… or the http(s) address of a server (default: JUPITER_CATALOGUE)'] as const;
/** The same where it takes the database itself. */
export const LOCAL_PLACE = ['--catalogue <WHERE>', 'a file or postgres://… (default: JUPITER_CATALOGUE)'] as const;
/** The same of `--token-file`. */
export const TOKEN_FILE =
  ['--token-file <FILE>', 'holds the token for a server; nobody else may read it (default: JUPITER_TOKEN)'] as const;

/** How a command uses a catalogue. */
export interface PlaceUse {
  readonly flags: PlaceFlags;
  readonly env: Environment;
  /** Makes a file that is missing. @default false */
  readonly makes?: boolean | undefined;
  /** What the message says of how one is made, where the command may do so. */
  readonly maker?: string | undefined;
  /** Waits long for a server that is away, as what it writes would be lost. @default false */
  readonly patient?: boolean | undefined;
}

/** Opens the catalogue, works with it and closes it. @throws TypeError, and what the catalogue throws */
export async function inPlace(use: PlaceUse, work: (place: Place) => Promise<void>): Promise<void> {
  const where = locationOf(use);
  const place = /^https?:\/\//i.test(where) ? await onServer(where, use) : await onDatabase(where, use);
  try {
    await work(place);
  } finally {
    await place.catalogue.close();
  }
}

/** A whole command that only reads: `inPlace` at a desk. @returns the exit code */
export function withCatalogue(command: string, use: PlaceUse, work: (place: Place, desk: Desk) => Promise<void>): Promise<number> {
  return atDesk(command, (desk) => inPlace(use, (place) => work(place, desk)));
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

type OpenPlace = Place & {readonly catalogue: {close(): Promise<void>}};

async function onServer(url: string, use: PlaceUse): Promise<OpenPlace> {
  const token = await tokenOf(use);
  const {CatalogueClient} = await import('../../catalogue/client/catalogue-client.js');
  const retry = use.patient === true ? undefined : new StandardRetryPolicy({retries: 1});
  return {catalogue: new CatalogueClient({url, token, retry}), location: undefined};
}

async function onDatabase(location: string, use: PlaceUse): Promise<OpenPlace> {
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(location)) await checkFile(location, use);
  const {Catalogue} = await import('../../catalogue/catalogue.js');
  return {catalogue: await Catalogue.open(location), location};
}

/** What the database would say of a wrong path is hard to understand. @throws TypeError */
async function checkFile(path: string, {makes = false, maker}: PlaceUse): Promise<void> {
  const found = await kindOf(path);
  if (found === 'folder') throw new TypeError(`--catalogue: expected a file, got a folder: ${path}`);
  if (found !== undefined) return;
  if (!makes) throw misuse('--catalogue', path, `a catalogue that is there${maker === undefined ? '' : ` (${maker})`}`);
  const isLost = path !== ':memory:' && await kindOf(dirname(resolve(path))) !== 'folder';
  if (isLost) throw misuse('--catalogue', path, 'a file in a folder that is there');
}

/** Undefined: nothing is there. What can't be looked at is left to the database. */
async function kindOf(path: string): Promise<'folder' | 'file' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (thrown) {
    return ['ENOENT', 'ENOTDIR'].includes((thrown as NodeJS.ErrnoException).code ?? '') ? undefined : 'file';
  }
}

function locationOf({flags: {catalogue}, env: {JUPITER_CATALOGUE}}: PlaceUse): string {
  const where = catalogue ?? JUPITER_CATALOGUE ?? '';
  if (where === '') throw misuse('--catalogue', where, 'a file, a PostgreSQL URL or the address of a server, here or in JUPITER_CATALOGUE');
  return where;
}

async function tokenOf({flags: {tokenFile}, env: {JUPITER_TOKEN}}: PlaceUse): Promise<{file: string} | {variable: string} | undefined> {
  if (tokenFile !== undefined) {
    try {
      checkPrivate(await stat(tokenFile));
    } catch (cause) {
      throw new TypeError(`--token-file: expected a readable file of mode 600, ${tokenFile} is none: ${fileFault(cause)}`, {cause});
    }
    return {file: tokenFile};
  }
  if (JUPITER_TOKEN === '') throw new TypeError('JUPITER_TOKEN: expected a token, or not to be set; got an empty text');
  return JUPITER_TOKEN === undefined ? undefined : {variable: 'JUPITER_TOKEN'};
}
