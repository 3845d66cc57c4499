import {randomBytes} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {createInterface} from 'node:readline';
import type {Command} from 'commander';
import type {ImportReport} from '../../preferences/transfer/transfer-contract.js';
import {EXIT_FAILED} from '../exit-codes.js';
import {parseWord} from '../flag-values.js';
import {repeatable} from '../help-note.js';
import {counted} from '../quantities.js';
import {addStoreFlags, type PrefsFlags} from './prefs-flags.js';
import {withEverybody, type Stores} from './prefs-place.js';
import {readKeys} from './secret-keys.js';

interface TransferFlags extends PrefsFlags {
  readonly pseudonyms?: string | undefined;
  readonly form?: string | undefined;
  readonly existing?: string | undefined;
  readonly dryRun?: boolean | undefined;
  readonly for: readonly string[];
  readonly json?: boolean | undefined;
}

const KEY = 32;
const PSEUDONYMS = '--pseudonyms <FILE>';

/** `jupiter prefs export|import`. */
export function addTransfers(prefs: Command, finish: (code: number) => void): void {
  addStoreFlags(prefs.command('export').description('everybody\'s public settings, one JSON a line; nothing private, owners by pseudonyms'))
    .option(PSEUDONYMS, 'its first key makes the pseudonyms, as in --key-file (default: a key that nobody keeps)')
    .action(async (flags: TransferFlags) => {
      finish(await withEverybody('export', flags, process.env, false, (desk) => exportAll(desk, flags)));
    });
  addStoreFlags(prefs.command('import').description('bring in the lines of an export')
    .argument('<FILE>', 'the lines; - is stdin'))
    .option('--form <FORM>', 'own, or suffix: {owner, scope, name, value} a line, exceptions as rows of '
      + 'name-local-exception (default: own)')
    .option('--existing <WHAT>', 'keep or replace what is there already (default: keep)')
    .option('--dry-run', 'check all of it, and write nothing')
    .option(PSEUDONYMS, 'the key that made the pseudonyms')
    .addOption(repeatable('--for <OWNER>', 'one that a pseudonym may stand for'))
    .option('--json', 'print the report as JSON')
    .action(async (file: string, flags: TransferFlags) => {
      finish(await withEverybody('import', flags, process.env, flags.dryRun !== true, (desk) => importAll(desk, file, flags)));
    });
}

async function exportAll({options: {registry, local, central}, print}: Stores, flags: TransferFlags): Promise<undefined> {
  const key = pseudonymKey(flags) ?? randomBytes(KEY);
  const {PreferenceExport} = await import('../../preferences/transfer/preference-export.js');
  for await (const line of new PreferenceExport({registry, local, central, key}).lines()) print(line);
}

async function importAll({options, print, warn}: Stores, file: string, flags: TransferFlags): Promise<number> {
  const {registry, local, central, defaults} = options;
  const form = parseWord('--form', flags.form, ['own', 'suffix']);
  const existing = parseWord('--existing', flags.existing, ['keep', 'replace']);
  const key = pseudonymKey(flags);
  if ((key === undefined) !== (flags.for.length === 0)) throw new TypeError('--pseudonyms, --for: expected both or neither, got one');
  const {PreferenceImport} = await import('../../preferences/transfer/preference-import.js');
  const report = await new PreferenceImport({registry, local, central, defaults}).run(linesOf(file),
    {form, existing, dryRun: flags.dryRun, key, owners: key === undefined ? undefined : flags.for});
  print(flags.json === true ? JSON.stringify(report) : summaryOf(report, flags.dryRun === true));
  for (const {line, setting, reason} of flags.json === true ? [] : report.refusals) {
    warn(`line ${line}: ${setting === undefined ? '' : `${setting}: `}${reason}`);
  }
  return report.refused === 0 ? 0 : EXIT_FAILED;
}

/** @throws TypeError when the file can't be read */
async function *linesOf(file: string): AsyncGenerator<string> {
  try {
    const input = file === '-' ? process.stdin : createReadStream(file);
    // A reading that fails ends the lines without a word; it is told by the stream.
    const failed = new Promise<never>((_resolve, reject) => { input.once('error', reject); });
    failed.catch(() => undefined);
    const lines = createInterface({input, crlfDelay: Infinity})[Symbol.asyncIterator]();
    for (;;) {
      const next = await Promise.race([lines.next(), failed]);
      if (next.done === true) return;
      yield next.value;
    }
  } catch (cause) {
    const {code} = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    throw new TypeError(`FILE: expected a file that can be read, got ${code}`, {cause});
  }
}

function pseudonymKey({pseudonyms}: TransferFlags): Uint8Array | undefined {
  if (pseudonyms === undefined) return undefined;
  const {keys, current} = readKeys('--pseudonyms', pseudonyms);
  return keys[current];
}

function summaryOf({lines, accepted, rows, existing, equalDefault, refused}: ImportReport, dryRun: boolean): string {
  const kept = [existing === 0 ? [] : [`${existing} there already`], equalDefault === 0 ? [] : [`${equalDefault} equal to the default`],
    refused === 0 ? [] : [`${counted(refused, 'line')} refused`]].flat();
  const written = dryRun ? 'a dry run, nothing was written' : `${counted(rows, 'row')} written`;
  return [`${counted(lines, 'line')}, good values and exceptions: ${accepted}`, written, ...kept].join('; ');
}
