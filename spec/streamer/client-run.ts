import {spawn} from 'node:child_process';
import {once} from 'node:events';

/** How a client of a streamer ended. */
export interface ClientEnd {
  readonly code: number | null;
  readonly stdout: string;
  /** Both outputs, for messages. */
  readonly told: string;
}

/** Runs a real client to its end, in an environment of its own. */
export async function runClient(command: string, args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Promise<ClientEnd> {
  const child = spawn(command, args, {cwd, env: {PATH: process.env.PATH, HOME: cwd, LC_ALL: 'C', ...env}, stdio: ['ignore', 'pipe', 'pipe']});
  let stdout = '';
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text; told += text; });
  child.stderr.setEncoding('utf8').on('data', (text: string) => { told += text; });
  const [code] = await once(child, 'close') as [number | null];
  return {code, stdout, told};
}

/** Whether an address answers well: the specs with real clients use a recorded upstream where it doesn't. */
export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, {method: 'HEAD', signal: AbortSignal.timeout(10_000)});
    return response.ok;
  } catch {
    return false;
  }
}
