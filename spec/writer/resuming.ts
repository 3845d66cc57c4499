import {readdir, readFile, writeFile} from 'node:fs/promises';
import {Context} from '../../src/core/context.js';
import type {KeptBytes, WriterMeta, WriterStart} from '../../src/core/contract.js';
import type {Disk} from '../../src/core/disk.js';
import {currentOwner} from '../../src/core/process-owner.js';
import {patterned, TestClock, useTempFolder, writerMeta, type TempFolder} from '../../src/testing/index.js';
import {FileWriter} from '../../src/writer/file-writer.js';

/** The file that is written. */
export const BYTES = patterned(5000);
/** What tells its version. */
export const KEY = {etag: '"a"', hop: 'h', total: 5000};

/** A folder in which runs leave the bytes of a file `f`, and later ones take them up. */
export interface Resuming {
  readonly folder: TempFolder;
  /** That of the writers; a checkpoint is due every 5 s. */
  readonly clock: TestClock;
  /** The body begins there. */
  meta(offset: number): WriterMeta;
  /** Names of the journals in the folder, temporary ones too. */
  journals(): Promise<string[]>;
  /** Names of the parts. */
  parts(): Promise<string[]>;
  /** A run that was cut after its first 2000 bytes. */
  leave(): Promise<void>;
  /** The same, of a process on another machine, which may still run. `text`: that of its journal `name`. */
  leaveElsewhere(): Promise<{readonly name: string; readonly part: string; readonly text: string}>;
  /** A writer that has looked at what is there. */
  takeUp(url?: string, disk?: Disk): Promise<{readonly writer: FileWriter; readonly partial: KeptBytes | undefined}>;
  /** A writer that was opened at byte 0. */
  begin(disk?: Disk): Promise<FileWriter>;
}

/** Call it inside a `describe`: each of its tests gets a fresh folder, clock and Context. */
export function useResuming(): Resuming {
  const folder = useTempFolder();
  let clock: TestClock;
  let context: Context;
  beforeEach(() => {
    clock = new TestClock();
    context = new Context({clock});
  });
  afterEach(() => context.close());

  const start = (url = 'http://h.example/f'): WriterStart => ({context, url, signal: new AbortController().signal, validated: false});
  const meta = (offset: number): WriterMeta => ({...writerMeta(5000), offset, key: KEY});
  const named = async (mark: RegExp): Promise<string[]> => (await readdir(folder.path)).filter((name) => mark.test(name));
  const journals = (): Promise<string[]> => named(/\.jupiter/);

  async function takeUp(url?: string, disk?: Disk): ReturnType<Resuming['takeUp']> {
    const writer = new FileWriter(folder.join('f'), {resume: true, disk});
    return {writer, partial: (await writer.prepare(start(url)))?.partial};
  }

  async function begin(disk?: Disk): Promise<FileWriter> {
    const {writer} = await takeUp(undefined, disk);
    await writer.open(meta(0));
    return writer;
  }

  async function leave(): Promise<void> {
    const writer = await begin();
    await writer.append(BYTES.subarray(0, 2000));
    await writer.discard({keep: true});
  }

  async function leaveElsewhere(): ReturnType<Resuming['leaveElsewhere']> {
    await leave();
    const [name = ''] = await journals();
    const entry = JSON.parse(await readFile(folder.join(name), 'utf8')) as {part: string};
    const text = JSON.stringify({...entry, owner: {...currentOwner(), host: 'another'}});
    await writeFile(folder.join(name), text);
    return {name, part: entry.part, text};
  }

  return {folder, get clock() { return clock; }, meta, journals, parts: () => named(/\.part$/), leave, leaveElsewhere, takeUp, begin};
}
