import {ChaosServer} from './chaos-server.js';
import {KillPlans, type KillPlan} from './kill-plan.js';
import {KillRun, type KillReport} from './kill-run.js';

/** How many runs of which kind. */
export interface KillLoopOptions {
  /** The main.js that is run. */
  readonly command: string;
  readonly runs: number;
  readonly seed: number;
  /** The number of the first run: one run can be had again alone. @default 0 */
  readonly from?: number | undefined;
  /** Options for every child. `--resume` among them changes what is expected. @default none */
  readonly flags?: readonly string[] | undefined;
  /** Called after every run; `false` ends the loop. */
  readonly onRun?: ((plan: KillPlan, report: KillReport, sum: KillSum) => boolean | void) | undefined;
}

/** What all runs came to. */
export interface KillSum {
  runs: number;
  /** Each says how to have the run again. */
  readonly violations: string[];
  readonly found: Record<'old' | 'new' | 'absent' | 'wrong', number>;
  killed: number;
  asked: number;
  through: number;
  kept: number;
  orphans: number;
  /** Whole files that were sent and not needed: in all, and in the worst run. */
  waste: number;
  worst: number;
}

/** Stops downloads at random moments, again and again, and looks what they leave. One child at a time. */
export async function killLoop({command, runs, seed, from = 0, flags = [], onRun}: KillLoopOptions): Promise<KillSum> {
  const sum: KillSum = {
    runs: 0, violations: [], found: {old: 0, new: 0, absent: 0, wrong: 0}, killed: 0, asked: 0, through: 0, kept: 0, orphans: 0, waste: 0, worst: 0,
  };
  const resume = flags.includes('--resume');
  const plans = new KillPlans(seed, resume);
  const server = await ChaosServer.start();
  try {
    for (let number = from; number < from + runs; number++) {
      const plan = plans.draw(number);
      const report = await new KillRun(plan, {server, command, flags, resume}).run();
      sum.runs++;
      sum.violations.push(...report.violations.map((line) => `${line}; again: --seed ${seed} --from ${number} --runs 1`));
      for (const state of report.found) sum.found[state]++;
      for (const key of ['killed', 'asked', 'through', 'kept', 'orphans', 'waste'] as const) sum[key] += report[key];
      sum.worst = Math.max(sum.worst, report.waste);
      if (onRun?.(plan, report, sum) === false) break;
    }
  } finally {
    await server.close();
  }
  // One that is asked before it read anything has nothing to keep; most have.
  if (resume && sum.asked >= 12 && sum.kept < sum.asked / 4) {
    sum.violations.push(`${sum.asked} children ended when asked, and only ${sum.kept} left something to continue; again: --seed ${seed}`);
  }
  return sum;
}

/** The sum in words. */
export function sumText({runs, violations, found, killed, asked, through, kept, orphans, waste, worst}: KillSum): string {
  return [
    `${runs} runs: ${killed} children killed, ${asked} ended when asked, ${through} were through before, ${kept} left a journal`,
    `targets found: ${found.old} old, ${found.new} new, ${found.absent} absent, ${found.wrong} wrong`,
    `${orphans} parts and journals of killed children left; fetched again: ${(waste / Math.max(1, runs)).toFixed(2)} files a run, ${worst.toFixed(2)} at worst`,
    `${violations.length} violations`,
  ].join('\n');
}
