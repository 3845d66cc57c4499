/*
 * npm run chaos [-- --runs N] [--seed S] [--from N] [--resume] [--flag=--OPTION]
 *
 * Kills downloads at random moments and looks at what they leave: the old file, the new one, or none; after another
 * run the new one. Ends with 1 when that was not so. `--flag` gives children an option of `jupiter get`; repeatable.
 */
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {parseArgs} from 'node:util';
import {buildCommand} from './built-command.js';
import {killLoop, sumText} from './kill-loop.js';

const {values} = parseArgs({
  options: {
    runs: {type: 'string', default: '2000'}, seed: {type: 'string'}, from: {type: 'string', default: '0'},
    flag: {type: 'string', multiple: true, default: []}, resume: {type: 'boolean', default: false},
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const flags = [...values.flag, ...values.resume ? ['--resume'] : []];
const tell = (line: string): void => { process.stdout.write(`${line}\n`); };
tell(`seed ${seed}, ${values.runs} runs${flags.length === 0 ? '' : `, each with ${flags.join(' ')}`}`);

let told = 0;
// A copy of its own: dist may be built anew while the loop runs.
const folder = await mkdtemp(join(tmpdir(), 'jupiter-built-'));
try {
  const sum = await killLoop({
    command: buildCommand(folder), runs: Number(values.runs), seed, from: Number(values.from), flags,
    onRun: (_plan, _report, {runs, killed, violations}) => {
      for (; told < violations.length; told++) tell(violations[told] ?? '');
      if (runs % 50 === 0) tell(`${runs} runs, ${killed} killed, ${violations.length} violations`);
    },
  });
  tell(sumText(sum));
  process.exitCode = sum.violations.length === 0 ? 0 : 1;
} finally {
  await rm(folder, {recursive: true, force: true});
}
