import type {Command} from 'commander';
import {CLEANUP_ASKED_RULES, CLEANUP_RULES, type CleanupReport, type CleanupRule} from '../../preferences/cleanup/cleanup-contract.js';
import type {RotationReport} from '../../preferences/secret/rotation-contract.js';
import {textTable} from '../catalogue/text-table.js';
import {EXIT_FAILED, EXIT_UNSURE} from '../exit-codes.js';
import {parseWord} from '../flag-values.js';
import {repeatable} from '../help-note.js';
import {Interruption} from '../interruption.js';
import {counted} from '../quantities.js';
import {addStoreFlags, type PrefsFlags} from './prefs-flags.js';
import {scopeOf, withEverybody, type Stores} from './prefs-place.js';

interface UpkeepFlags extends PrefsFlags {
  readonly apply?: boolean | undefined;
  readonly also: readonly string[];
  readonly without: readonly string[];
  readonly deletedRemote: readonly string[];
  readonly deletedOwner: readonly string[];
  readonly setting: readonly string[];
  readonly undo?: string | undefined;
  readonly runs?: boolean | undefined;
  readonly json?: boolean | undefined;
}

type Work = (stores: Stores, flags: UpkeepFlags, signal: AbortSignal) => Promise<number | undefined>;

/** `jupiter prefs cleanup` and `jupiter prefs rotate`: on everybody's rows. */
export function addUpkeep(prefs: Command, finish: (code: number) => void): void {
  const act = (name: string, work: Work) => async (flags: UpkeepFlags): Promise<void> => {
    const interruption = new Interruption();
    try {
      const code = await withEverybody(name, flags, process.env, false, (stores) => work(stores, flags, interruption.signal));
      finish(interruption.exitCode ?? code);
    } finally {
      interruption.release();
    }
  };
  addStoreFlags(prefs.command('cleanup').description('tell which rows have no effect, or nobody to have it for; with --apply remove them'))
    .option('--apply', 'remove them (default: only tell)')
    .addOption(repeatable('--also <RULE>', `a rule that is off unless asked for: ${CLEANUP_ASKED_RULES.join(', ')}`))
    .addOption(repeatable('--without <RULE>', `leave a rule out: ${CLEANUP_RULES.join(', ')}`))
    .addOption(repeatable('--deleted-remote <NAME>', 'a remote that was deleted: its rows go, global values stay'))
    .addOption(repeatable('--deleted-owner <NAME>', 'an owner that was deleted: all of theirs goes'))
    .addOption(repeatable('--setting <NAME>', 'a hidden setting that may be cleaned all the same'))
    .option('--runs', 'tell which runs can be undone').option('--undo <RUN>', 'put back what a run removed')
    .option('--json', 'print the report as JSON')
    .action(act('cleanup', cleanup));
  addStoreFlags(prefs.command('rotate')
    .description('seal every secret anew with the first key of --key-file; its other keys open the old ones'))
    .option('--json', 'print the report as JSON')
    .action(act('rotate', rotate));
}

const cleanup: Work = async ({options, box, print, warn}, flags, signal) => {
  if ([flags.apply, flags.runs, flags.undo].filter((flag) => flag !== undefined).length > 1) {
    throw new TypeError('--apply, --runs, --undo: expected one of them, got several');
  }
  const rules = Object.fromEntries([...rulesOf('--also', flags.also, true), ...rulesOf('--without', flags.without, false)]);
  const {PreferenceCleanup} = await import('../../preferences/cleanup/preference-cleanup.js');
  const upkeep = new PreferenceCleanup({...options, box});
  if (flags.runs === true) {
    const rows = (await upkeep.runs()).map(({run, time}) => [run, new Date(time).toISOString()]);
    for (const line of textTable(['run', 'began'], rows)) print(line);
    return undefined;
  }
  if (flags.undo !== undefined) {
    const report = await upkeep.undo(flags.undo);
    print(flags.json === true ? JSON.stringify(report)
      : [`put back ${report.restored === 0 ? 'nothing' : counted(report.restored, 'row')}`,
        ...report.overtaken === 0 ? [] : [`written since, so left alone: ${report.overtaken}`],
        ...report.lost === 0 ? [] : [`the value was not kept: ${report.lost}`]].join('; '));
    return report.lost === 0 ? undefined : EXIT_FAILED;
  }
  const report = await upkeep.run({
    apply: flags.apply, rules, deletedScopes: flags.deletedRemote.map(scopeOf), deletedOwners: flags.deletedOwner, named: flags.setting,
    signal,
  });
  if (flags.json === true) print(JSON.stringify(report));
  else for (const line of reportLines(report)) print(line);
  if (report.reason !== undefined) warn(report.reason);
  return report.outcome === 'complete' ? undefined : EXIT_UNSURE;
};

const rotate: Work = async ({options: {local, central}, box, print, warn}, {json}, signal) => {
  if (box === undefined) throw new TypeError('--key-file: expected the keys, here or in JUPITER_PREFS_KEYS; got none');
  const {KeyRotation} = await import('../../preferences/secret/key-rotation.js');
  const report: RotationReport = await new KeyRotation({local, central, box}).run(signal);
  print(json === true ? JSON.stringify(report) : `sealed ${counted(report.rotated, 'secret')} anew; sealed so already: ${report.current}`);
  for (const failure of report.failures) warn(`can't be opened: ${failure}`);
  if (!report.done) warn('it was stopped, or secrets changed all the time; run it again');
  return report.done && report.failed === 0 ? undefined : EXIT_FAILED;
};

function rulesOf(flag: string, words: readonly string[], on: boolean): [CleanupRule, boolean][] {
  const known = on ? CLEANUP_ASKED_RULES : CLEANUP_RULES;
  return words.map((word) => [parseWord(flag, word, known) as CleanupRule, on]);
}

function reportLines({applied, outcome, looked, removed, rows, marked, cleared, overtaken, kept, run}: CleanupReport): string[] {
  const table = textTable(['rule', applied ? 'removed' : 'would be removed'],
    CLEANUP_RULES.filter((rule) => removed[rule] > 0).map((rule) => [rule, String(removed[rule])]));
  const others = [[marked, 'first seen so now'], [cleared, 'no more so'], [overtaken, 'written meanwhile'],
    [kept, 'kept, since they could not be put back']] as const;
  const sums = [`looked at ${counted(looked, 'row')}`, `${applied ? 'removed' : 'would remove'} ${rows === 0 ? 'none' : rows}`,
    ...others.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)];
  return [...rows === 0 ? [] : table, `${outcome}: ${sums.join(', ')}`,
    ...run === undefined || !applied ? [] : [`jupiter prefs cleanup --undo ${run} puts them back`]];
}
