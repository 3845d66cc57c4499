/*
 * Runs the command once for each list of arguments in the JSON text that is its argument, one after the other, and
 * writes `[code, stderr, stdout]` of each as JSON. One start of a process for many cases.
 */
import {runProgram} from '../../src/cli/program.js';

const results: (readonly [number, string, string])[] = [];
const {stdout, stderr} = process;
const [writeOut, writeErr] = [stdout.write, stderr.write];
for (const args of JSON.parse(process.argv[2] ?? '[]') as string[][]) {
  let [out, err] = ['', ''];
  stdout.write = ((text: string) => { out += text; return true; });
  stderr.write = ((text: string) => { err += text; return true; });
  results.push([await runProgram(args), err, out]);
}
stdout.write = writeOut;
stderr.write = writeErr;
stdout.write(JSON.stringify(results));
