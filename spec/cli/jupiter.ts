import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {builtScript, sharedCommand} from '../chaos/built-command.js';

/** How a command ended. */
export interface Ended {
  /** The exit status; null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** How many lines it wrote to stdout so far. */
  readonly lines: () => number;
}

/** How a command is started. */
export interface RunOptions {
  /** Its folder, and its home. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** What stands on its stdin; undefined leaves stdin open and silent. */
  readonly input?: string | undefined;
}

/** Starts a script of the project as a process of its own, with none of our proxies, logins and settings around it. */
export function startScript(script: string, args: readonly string[], options: RunOptions): Running {
  return start([builtScript(script), ...args], options);
}

function start(command: readonly string[], {cwd, env, input}: RunOptions): Running {
  const child = spawn(process.execPath, command, {
    cwd, env: {PATH: process.env.PATH, HOME: cwd, ...env},
  });
  const chunks: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => { chunks.push(chunk); });
  child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text; });
  if (input !== undefined) child.stdin.end(input);
  const ended = once(child, 'close').then(([code]) => ({code: code as number | null, stdout: Buffer.concat(chunks), stderr}));
  return {child, ended, lines: () => Buffer.concat(chunks).toString().split('\n').length - 1};
}

/** Starts the command. */
export function startJupiter(args: readonly string[], options: RunOptions): Running {
  return start([sharedCommand(), ...args], options);
}

/** Runs the command to its end. */
export function jupiter(args: readonly string[], options: RunOptions): Promise<Ended> {
  return startJupiter(args, {input: '', ...options}).ended;
}

/** The records of `--json`. */
export function recordsOf({stdout}: Ended): Record<string, unknown>[] {
  return stdout.toString().split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>);
}
