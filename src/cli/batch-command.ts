import {Command} from 'commander';
import {dirname} from 'node:path';
import {BatchJournal} from '../batch/batch-journal.js';
import {readBatchList, type ListFormat, type ListOptions} from '../batch/batch-list.js';
import type {ListItem} from '../batch/list-item.js';
import {TargetNames} from '../batch/target-names.js';
import type {Limits} from '../core/context.js';
import {originOf, plainUrl} from '../core/url.js';
import type {Download} from '../download/download.js';
import {foldersOf} from '../writer/folders.js';
import {algorithmOf, loadChecksums} from './checksum-source.js';
import {DownloadBuilder, type ItemNote} from './download-builder.js';
import {parseCount, parseWord} from './flag-values.js';
import {refuseFileMirrors} from './get-flags.js';
import {addNote} from './help-note.js';
import {openList, type ListSource} from './list-source.js';
import {receiptLines, receiptPlan} from './receipt-book.js';
import {transfer, type Desk, type Work} from './transfer.js';
import {addTransferFlags, SECRETS_NOTE, type TransferFlags} from './transfer-flags.js';
import {fileOf, type TransferSettings} from './transfer-settings.js';

interface BatchFlags extends TransferFlags {
  readonly base?: string | undefined;
  readonly format?: string | undefined;
  readonly concurrency?: string | undefined;
  readonly perHost?: string | undefined;
  readonly backlog?: string | undefined;
  readonly journal?: string | undefined;
}

const FORMATS: readonly (ListFormat | 'auto')[] = ['auto', 'urls', 'aria2', 'jsonl', 'checksums'];
const LEAST_BACKLOG = 16;

const LISTS_NOTE = `Lists: one address a line; aria2's input format (out=, dir=, checksum=, header=); JSON lines
({"url", "mirrors", "out", "dir", "digest", "integrity", "size", "headers"}); SHA256SUMS and its kin
with --base. A file is read twice: everything wrong in it, two items that would be one file
included, is found before a byte moves. A pipe is read as it comes, so there a wrong line is a
failed item; only the names are kept in memory. An item of aria2's format begins when the next one,
or the end, is seen, since options may follow; --format urls needs not wait.`;

/** `jupiter batch`: fetches what a list names. @param finish takes the exit code */
export function batchCommand(finish: (code: number) => void): Command {
  const command = new Command('batch')
    .description('fetch everything that a list names, several at once')
    .argument('<FILE>', 'the list; - is stdin')
    .option('-c, --concurrency <N>', 'transfers at once (default: 8)')
    .option('--per-host <N>', 'transfers at once from one scheme + host + port (default: 6, or fewer with -c)')
    .option('--backlog <N>', 'items alive at once, those that wait included (default: 16, or four times -c)')
    .option('--format <FORMAT>', 'auto, urls, aria2, jsonl, checksums (default: auto)')
    .option('--journal <FILE>', 'write down what is done; started again with it, the batch does the rest')
    .option('--base <URL>', 'what relative addresses, and the names in checksum lists, are below; ends in a slash');
  return addNote(addTransferFlags(command), `${LISTS_NOTE}\n\n${SECRETS_NOTE}`)
    .action(async (file: string, flags: BatchFlags) => {
      finish(await transfer({name: 'jupiter batch', flags, home: flags.base, limits: () => limitsOf(flags), mayAsk: file !== '-',
        plan: (desk) => planBatch(file, flags, desk)}));
    });
}

function limitsOf({concurrency, perHost}: BatchFlags): Partial<Limits> {
  const total = concurrency === undefined ? undefined : parseCount('--concurrency', concurrency, 1);
  const perOrigin = perHost === undefined ? undefined : parseCount('--per-host', perHost, 1);
  return {...total === undefined ? {} : {total}, ...perOrigin === undefined ? {} : {perOrigin}};
}

async function planBatch(file: string, flags: BatchFlags, desk: Desk): Promise<Work> {
  const {settings, context, preferences} = desk;
  const list: ListOptions = {format: parseWord('--format', flags.format, FORMATS), algorithm: algorithmOf(file)};
  const preferred = preferences?.run.batch;
  const backlog = flags.backlog === undefined ? preferred?.backlog ?? Math.max(LEAST_BACKLOG, 4 * context.limits.total)
    : parseCount('--backlog', flags.backlog, 1);
  refuseFileMirrors(settings.mirrors);
  const journalFile = journalOf(flags, settings);
  const home = flags.base === undefined ? undefined : originOf(plainUrl('--base', flags.base).href);
  const checksums = await loadChecksums(settings.checksums, home, desk);
  const builder = new DownloadBuilder(settings, {context, preferences, base: flags.base, checksums, naming: 'out in the list'});
  const source = await openList(file);
  const open: {close(): void | Promise<void>}[] = [source];
  const close = async (): Promise<void> => { for (const one of open.toReversed()) await one.close(); };
  try {
    const maker = new ItemMaker(builder, desk, journalFile);
    const expected = source.rereadable ? await checkAll(source, list, maker, desk) : undefined;
    if (journalFile !== undefined) open.push(maker.journal = await BatchJournal.open(journalFile));
    const receipts = settings.receipt === undefined ? undefined : await receiptLines(settings.receipt, receiptPlan(settings));
    if (receipts !== undefined) open.push(receipts);
    const downloads = stream(source, list, maker, desk);
    return {downloads, expected, backlog, concurrency: preferred?.concurrency, close, receipts: receipts?.delegate};
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

function journalOf({journal}: BatchFlags, {exists}: TransferSettings): string | undefined {
  if (journal === undefined) return undefined;
  if (exists === 'rename') throw new TypeError('--journal: expected no --exists rename beside it, got both');
  return fileOf('--journal', journal);
}

/** The first reading: everything is looked at, nothing is kept but names. @returns how many @throws the first fault */
async function checkAll(source: ListSource, list: ListOptions, maker: ItemMaker, {context, signal}: Desk): Promise<number> {
  const folders = foldersOf(context, undefined);
  let count = 0;
  for await (const {line, item, fault} of readBatchList(source.open(), list)) {
    signal.throwIfAborted();
    if (item === undefined) throw fault as TypeError;
    try {
      const path = maker.claim(item, line);
      await maker.make(item, line, path);
      await folders.check(dirname(path), maker.root);
    } catch (thrown) {
      throw atLine(line, thrown);
    }
    count++;
  }
  maker.checked = true;
  return count;
}

async function *stream(source: ListSource, list: ListOptions, maker: ItemMaker, desk: Desk): AsyncGenerator<Download<ItemNote>> {
  for await (const {line, item, fault} of readBatchList(source.open(), list)) {
    let download: Download<ItemNote> | undefined;
    try {
      if (item === undefined) throw fault as TypeError;
      download = await maker.next(item, line);
    } catch (thrown) {
      await desk.refuse(line, thrown, item?.url);
    }
    if (download !== undefined) yield download;
  }
}

/** Makes downloads of items, each with a file of its own. */
class ItemMaker {
  readonly names = new TargetNames();
  readonly root: string;
  /** The names were claimed by an earlier reading. */
  checked = false;
  journal: BatchJournal | undefined;
  readonly #builder: DownloadBuilder;
  readonly #desk: Desk;
  readonly #journalFile: string | undefined;

  constructor(builder: DownloadBuilder, desk: Desk, journalFile: string | undefined) {
    this.#builder = builder;
    this.#desk = desk;
    this.#journalFile = journalFile;
    this.root = desk.settings.folder;
  }

  /** The path of an item, which no other has. @throws FileExists, UnsafeName, TypeError */
  claim(item: ListItem, line: number): string {
    const path = this.#builder.pathOf(item);
    const {exists, receipt} = this.#desk.settings;
    const own = path === receipt ? '--receipt' : path === this.#journalFile ? '--journal' : undefined;
    if (own !== undefined) throw new TypeError(`${own}: expected a file that no item of the list is`);
    if (exists !== 'rename') this.names.claim(path, line);
    return path;
  }

  make(item: ListItem, line: number, path: string): Promise<Download<ItemNote>> {
    return this.#builder.build(item, this.#builder.fileWriter(path, this.root), line, path);
  }

  /** The download of an item; undefined when the journal says that it was done. @throws FileExists, UnsafeName, TypeError, RangeError */
  async next(item: ListItem, line: number): Promise<Download<ItemNote> | undefined> {
    const path = this.checked ? this.#builder.pathOf(item) : this.claim(item, line);
    const {journal} = this;
    if (journal === undefined) return this.make(item, line, path);
    const entry = this.#builder.journalItem(item, path);
    if (await journal.isDone(entry)) {
      await this.#desk.skip(line, entry.url, path);
      return undefined;
    }
    const download = await this.make(item, line, path);
    journal.follow(download, entry);
    return download;
  }
}

/** Puts the line in front of a fault's message, keeping what kind of fault it is. */
function atLine(line: number, thrown: unknown): unknown {
  if (thrown instanceof Error && !thrown.message.startsWith('line ')) thrown.message = `line ${line}: ${thrown.message}`;
  return thrown;
}
