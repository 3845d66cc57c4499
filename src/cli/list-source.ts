import {createReadStream, open as openDescriptor} from 'node:fs';
import {open, stat} from 'node:fs/promises';
import {Socket} from 'node:net';
import type {Readable} from 'node:stream';
import {promisify} from 'node:util';
import {fileFault} from './file-fault.js';

/** Where a batch list comes from. */
export interface ListSource {
  /** Whether it can be read twice: once to check it all, once to fetch. */
  readonly rereadable: boolean;
  /** Its bytes, from the first one on. */
  open(): Readable;
  /** Lets go of it, even in the middle of a read. */
  close(): void;
}

/** The list of a name: a file, a pipe, or `-` for stdin. @throws TypeError when it can't be read */
export async function openList(name: string): Promise<ListSource> {
  if (name === '-') return once(process.stdin);
  try {
    const entry = await stat(name);
    if (entry.isDirectory()) throw new Error('it is a folder');
    if (entry.isFile()) {
      await (await open(name, 'r')).close();
      return {rereadable: true, open: () => createReadStream(name), close: () => undefined};
    }
    if (!entry.isFIFO()) return once(createReadStream(name));
    // A read of a pipe that waits can't be ended; a socket over it can.
    return once(new Socket({fd: await promisify(openDescriptor)(name, 'r'), readable: true, writable: false}));
  } catch (cause) {
    throw new TypeError(`FILE: expected a readable list, or - for stdin; ${name} is none: ${fileFault(cause)}`, {cause});
  }
}

function once(stream: Readable): ListSource {
  return {rereadable: false, open: () => stream, close: () => { stream.destroy(); }};
}
