import {appendFileSync} from 'node:fs';
import Mocha from 'mocha';

/**
 * Prints what mocha's `spec` reporter prints, and appends `{"passed":n,"failed":n,"pending":n,"failures":[…]}` as one line
 * of JSON to the file that JUPITER_COUNTS names, so that .ci/run can add up several runs and repeat at its end what failed.
 */
class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    const path = process.env.JUPITER_COUNTS;
    if (path === undefined || path === '') return;
    runner.once('end', () => {
      const {passes, failures: failed, pending} = this.stats;
      const failures = this.failures.map((test) => `${test.fullTitle()}\n${test.err?.stack ?? test.err?.message ?? 'no error'}`);
      appendFileSync(path, `${JSON.stringify({passed: passes, failed, pending, failures})}\n`);
    });
  }
}

// mocha asks a reporter file for its default export
export default CountingReporter;
