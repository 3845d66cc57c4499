import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {Cancelled, escapeControls, redactText, TotalProgress} from 'jupiter-download';
import {makeFolder} from './folder.js';
import {readLockfile} from './lockfile.js';
import {mirror} from './mirror.js';
import {readNpmConfig} from './npm-config.js';
import {OutputFault, print} from './output.js';
import {thisMachine} from './platform.js';
import {RegistryPreferences} from './preferences.js';
import {ProgressBar} from './progress.js';
import {Recorder} from './recorder.js';
import {Registry} from './registry.js';
import {tableOf} from './table.js';

/*
 * npm start [-- package-lock.json] [--all-platforms] [--allow-unverified] [-d mirror] [--catalogue FILE] [--json] [--help]
 *
 * Mirrors every tarball of a lockfile, this project's by default. Exit codes: 0 all there and verified; 1 something
 * failed; 2 wrong arguments or lockfile; 7 the output could not be written (what was mirrored stays); 130, 143 ended by a
 * signal, with no part file left.
 */
const OUTPUT_FAULT = 7;
const SIGNALS: Readonly<Record<string, number>> = {SIGINT: 130, SIGTERM: 143};
/** npm and tsx pass a Ctrl-C on that the terminal had sent to us too: within so many ms it is the same one. */
const SAME_SIGNAL = 500;
const HELP = `npm start [-- package-lock.json] [flags]

Mirrors every tarball that a lockfile names (by default this project's), verified against its integrity.

  -d, --dir FOLDER      where to put them (default: mirror)
  --catalogue FILE      where to record them (default: catalogue.db in the folder); --no-catalogue: nowhere
  --all-platforms       also the packages that this machine doesn't need
  --allow-unverified    also the packages without an integrity
  --no-prefs            go by npm's settings alone, not by those of jupiter prefs
  --json                one JSON record for each package, in place of the table
  -h, --help            this text
`;
const OWN_LOCKFILE = fileURLToPath(new URL('../../package-lock.json', import.meta.url));

process.exitCode = await main();

async function main(): Promise<number> {
  const controller = new AbortController();
  let endedBy: string | undefined;
  let endedAt = 0;
  for (const name of Object.keys(SIGNALS)) {
    process.on(name, () => {
      if (endedBy !== undefined && performance.now() - endedAt >= SAME_SIGNAL) process.exit(SIGNALS[name]);
      if (endedBy !== undefined) return;
      endedBy = name;
      endedAt = performance.now();
      controller.abort(new Cancelled(`ended by ${name}`));
    });
  }
  try {
    const failed = await run(controller.signal);
    return endedBy === undefined ? failed : SIGNALS[endedBy] ?? 1;
  } catch (error) {
    if (endedBy !== undefined) {
      process.stderr.write(`ended by ${endedBy}; what was fetched stays, the facts are those of the last whole run\n`);
      return SIGNALS[endedBy] ?? 1;
    }
    process.stderr.write(`npm-mirror: ${harmless((error as Error).message)}\n`);
    return error instanceof OutputFault ? OUTPUT_FAULT : 2;
  }
}

/** @returns the exit code */
async function run(signal: AbortSignal): Promise<number> {
  const {values, positionals} = parseArgs({allowPositionals: true, options: {
    'all-platforms': {type: 'boolean'}, 'allow-unverified': {type: 'boolean'}, dir: {type: 'string', short: 'd'}, json: {type: 'boolean'},
    catalogue: {type: 'string'}, 'no-catalogue': {type: 'boolean'}, 'no-prefs': {type: 'boolean'}, help: {type: 'boolean', short: 'h'},
  }});
  if (values.help === true) {
    await print(HELP);
    return 0;
  }
  if (positionals.length > 1) throw new TypeError(`expected one lockfile, got ${positionals.length}`);
  const path = resolve(positionals[0] ?? OWN_LOCKFILE);
  const folder = resolve(values.dir ?? 'mirror');
  const lockfile = await readLockfile(path);
  const registry = new Registry(await readNpmConfig(dirname(path)));
  await using preferences = values['no-prefs'] === true ? undefined : await RegistryPreferences.open(registry.url, process.env);
  for (const warning of preferences?.run.warnings ?? []) process.stderr.write(`npm-mirror: ${harmless(warning)}\n`);
  await makeFolder(folder);

  const total = new TotalProgress();
  const bar = new ProgressBar(total);
  const file = values.catalogue ?? join(folder, 'catalogue.db');
  await using recorder = values['no-catalogue'] === true ? undefined : await Recorder.open(resolve(file), lockfile.title);
  try {
    const {sums, facts} = await mirror({
      lockfile, registry, preferences, folder, recorder: recorder?.delegate, total, signal, allowUnverified: values['allow-unverified'] ?? false,
      machine: values['all-platforms'] === true ? undefined : thisMachine(), tell: (line) => { bar.line(harmless(line)); },
    });
    bar.stop();
    if (values.json === true) await print(facts.map((fact) => `${JSON.stringify(fact)}\n`).join(''));
    else await print(`${tableOf(sums)}\nin ${harmless(folder)}\n`);
    if (recorder !== undefined && values.json !== true) await print(`recorded in ${harmless(resolve(file))}: ${await recorder.summary()}\n`);
    return sums.failed === 0 ? 0 : 1;
  } finally {
    bar.stop();
  }
}

function harmless(text: string): string {
  return escapeControls(redactText(text)).replaceAll('\n', ' ');
}
