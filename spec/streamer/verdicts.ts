import {randomUUID} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {get, type IncomingMessage} from 'node:http';
import {once} from 'node:events';
import {join} from 'node:path';
import {runClient} from './client-run.js';
import {curl} from './curl.js';
import {drain} from './stage.js';

/** What a client told its user, and what it holds. */
export interface Verdict {
  /** Exit status 0, or a body that ended as it should, of a good status. */
  readonly well: boolean;
  readonly body: Buffer;
  readonly told: string;
}

/** A client by its name: fetches an address into a folder. */
export type Client = (folder: string, url: string) => Promise<Verdict>;

/** The clients of this machine, each as careful as it is by itself. */
export const CLIENTS: Readonly<Record<'curl' | 'curl of HTTP/1.0' | 'wget' | 'node', Client>> = {
  'curl': async (folder, url) => told(await curl(folder, url, ['-f'])),
  'curl of HTTP/1.0': async (folder, url) => told(await curl(folder, url, ['-f', '-0'])),
  'wget': async (folder, url) => {
    const into = join(folder, `wget-${randomUUID()}`);
    const args = ['--no-config', '--no-proxy', '-nv', '-t', '1', '-T', '30', '-O', into, url];
    const {code, told: text} = await runClient('wget', args, folder);
    return {well: code === 0, body: await readFile(into).catch(() => Buffer.alloc(0)), told: text};
  },
  'node': async (_folder, url) => {
    try {
      const request = get(url, {agent: false, timeout: 30_000});
      request.on('error', () => undefined);
      const [reply] = await once(request, 'response') as [IncomingMessage];
      const {status, whole, body} = await drain(reply);
      return {well: status === 200 && whole, body, told: `status ${status}`};
    } catch (error) {
      return {well: false, body: Buffer.alloc(0), told: String(error)};
    }
  },
};

function told({code, body, told: text}: {readonly code: number | null; readonly body: Buffer; readonly told: string}): Verdict {
  return {well: code === 0, body, told: text};
}
