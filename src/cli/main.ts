#!/usr/bin/env node
import {runProgram} from './program.js';

// A stream that nobody reads any more is no reason for a stack; the commands watch theirs themselves.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

process.exitCode = await runProgram(process.argv.slice(2));
