/*
 * Runs the command once for each list of arguments in the JSON text that is its argument, one after the other, and
 * writes `[code, stderr, stdout]` of each as JSON. One start of a process for many cases. With a second argument the
 * commands write to stdout as it is, and the JSON goes to stderr.
 */
import {runProgram} from '../../src/cli/program.js';

type Done = (error?: Error | null) => void;

const results: (readonly [number, string, string])[] = [];
const {stdout, stderr} = process;
const [writeOut, writeErr] = [stdout.write, stderr.write];
const own = process.argv[3] !== undefined;
// As src/cli/main.ts does.
stdout.on('error', () => undefined);
for (const args of JSON.parse(process.argv[2] ?? '[]') as string[][]) {
  let [out, err] = ['', ''];
  if (!own) {
    stdout.write = ((text: string, done?: Done | string) => {
      out += text;
      if (typeof done === 'function') done();
      return true;
    });
  }
  stderr.write = ((text: string) => { err += text; return true; });
  results.push([await runProgram(args), err, out]);
}
stdout.write = writeOut;
stderr.write = writeErr;
(own ? stderr : stdout).write(JSON.stringify(results));
