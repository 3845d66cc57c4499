import {randomUUID} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {runClient} from './client-run.js';

/** What a run of curl came to. */
export interface Curled {
  /** The exit status; null when a signal ended it. */
  readonly code: number | null;
  readonly status: number;
  /** Of the last answer; lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** What stands in its output file. */
  readonly body: Buffer;
  readonly told: string;
}

/** How curl is run. */
export interface CurlOptions {
  /** Where it writes, in its folder. @default a new file */
  readonly into?: string | undefined;
  /** s. @default 30 */
  readonly patience?: number | undefined;
}

/** Runs the machine's curl, with no settings but these, in a folder that is there. */
export async function curl(folder: string, url: string, args: readonly string[] = [], options: CurlOptions = {}): Promise<Curled> {
  const id = randomUUID();
  const {into = `out-${id}`, patience = 30} = options;
  const head = `head-${id}`;
  const all = ['-q', '-sS', '--noproxy', '*', '-m', String(patience), '-o', into, '-D', head, '-w', '%{http_code}', ...args, url];
  const {code, stdout, told} = await runClient('curl', all, folder);
  const headText = (await contentOf(join(folder, head))).toString('latin1');
  return {code, status: Number(stdout), headers: headersIn(headText), body: await contentOf(join(folder, into)), told};
}

async function contentOf(path: string): Promise<Buffer> {
  return readFile(path).catch(() => Buffer.alloc(0));
}

function headersIn(text: string): Record<string, string> {
  const last = text.trimEnd().split('\r\n\r\n').at(-1) ?? '';
  return Object.fromEntries(last.split('\r\n').slice(1).map((line) => {
    const [name = '', ...value] = line.split(':');
    return [name.toLowerCase(), value.join(':').trim()];
  }));
}
