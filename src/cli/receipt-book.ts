import {dirname} from 'node:path';
import {LineLog} from '../batch/line-log.js';
import type {KeptVersion} from '../core/contract.js';
import {SystemDisk, type Disk} from '../core/disk.js';
import type {Delegate} from '../core/event.js';
import {ProcessClaim} from '../core/process-claim.js';
import {ReceiptDelegate} from '../delegate/receipt-delegate.js';
import {parseReceipt, RECEIPT_FORMAT, type Receipt} from '../delegate/receipt.js';
import {diskFault, onDisk} from '../writer/disk-fault.js';
import {replaceFile} from '../writer/small-file.js';
import type {TransferSettings} from './transfer-settings.js';

/** Where the receipts of a command go. */
export interface ReceiptBook {
  readonly delegate: Delegate;
  /** @throws WriterError when a receipt could not be written */
  close(): Promise<void>;
}

/** Begins every line of receipts. */
const LINE_START = JSON.stringify({jupiter: RECEIPT_FORMAT, kind: 'receipt'}).slice(0, -1);
/** More is no receipt of one download. */
const LARGEST = 64 * 1024 * 1024;

/**
 * The receipt that an earlier run wrote; undefined when there is none.
 *
 * @throws TypeError when the file is no receipt, WriterError when it can't be read or replaced
 */
export async function readReceipt(path: string): Promise<Receipt | undefined> {
  const text = await look(new SystemDisk(), path, LARGEST);
  if (text === undefined || text === '') return undefined;
  try {
    return parseReceipt(text);
  } catch (cause) {
    throw new TypeError(`--receipt: expected the receipt of an earlier run, or no file yet, got another file: ${path}`, {cause});
  }
}

/** Keeps the receipt of one download, in place of the one before: by temp and rename. */
export function receiptSheet(path: string, plan: ReceiptPlan, earlier: KeptVersion | undefined): ReceiptBook {
  let written = Promise.resolve();
  const delegate = new ReceiptDelegate({plan, earlier, write: (receipt) => {
    written = replace(new SystemDisk(), path, `${JSON.stringify(receipt, null, 2)}\n`);
    // A fault is told once, at the end.
    return written.catch(() => undefined);
  }});
  return {delegate, close: () => written};
}

/** Adds receipts to a file, a line for each. @throws TypeError when the file has other lines; WriterError */
export async function receiptLines(path: string, plan: ReceiptPlan): Promise<ReceiptBook> {
  const disk = new SystemDisk();
  await onDisk(disk.checkWritable(dirname(path)), 'write into', dirname(path));
  const lock = `${path}.lock`;
  const claim = await onDisk(ProcessClaim.take({disk, path: lock, name: `--receipt: ${path}`}), 'claim', lock);
  try {
    return await openLines(disk, path, plan, claim);
  } catch (error) {
    await claim.release();
    throw error;
  }
}

async function openLines(disk: Disk, path: string, plan: ReceiptPlan, claim: ProcessClaim): Promise<ReceiptBook> {
  const start = await look(disk, path, LINE_START.length);
  if (start !== undefined && !LINE_START.startsWith(start)) {
    throw new TypeError(`--receipt: expected receipts of earlier runs, a line each, or no file yet, got another file: ${path}`);
  }
  const size = start === undefined ? 0 : await endOfLines(disk, path);
  const log = await LineLog.open(disk, path, size);
  const delegate = new ReceiptDelegate({plan, write: (receipt) => log.append(JSON.stringify(receipt)).catch(() => undefined)});
  return {delegate, close: () => log.close().finally(() => onDisk(claim.release(), 'give back', path))};
}

/** What a receipt notes of the options. */
export type ReceiptPlan = Readonly<Record<string, unknown>>;

/** What the flags ask for, as far as a receipt has it. */
export function receiptPlan({durability, exists, resume, segments}: TransferSettings): ReceiptPlan {
  return {resume, segments: segments ?? 1, durability, exists};
}

/** The first characters of a file that we may write; undefined when there is none. @throws WriterError */
async function look(disk: Disk, path: string, size: number): Promise<string | undefined> {
  await onDisk(disk.checkWritable(dirname(path)), 'write into', dirname(path));
  const there = await onDisk(disk.stat(path), 'look at', path);
  if (there === undefined) return undefined;
  if (there.kind !== 'file') {
    const what = there.kind === 'other' ? 'neither a file nor a folder' : `a ${there.kind}`;
    throw new TypeError(`--receipt: expected a file, ${path} is ${what}`);
  }
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of disk.read(path, size)) chunks.push(chunk);
  } catch (error) {
    throw diskFault(error, 'read', path);
  }
  return Buffer.concat(chunks).toString();
}

/** Where the last whole line ends: a run that was killed may have left half of one. */
async function endOfLines(disk: Disk, path: string): Promise<number> {
  let [size, end] = [0, 0];
  for await (const chunk of disk.read(path)) {
    const at = chunk.lastIndexOf(0x0a);
    if (at >= 0) end = size + at + 1;
    size += chunk.byteLength;
  }
  return end;
}

async function replace(disk: Disk, path: string, text: string): Promise<void> {
  await replaceFile(disk, path, text, 0o666);
  await onDisk(disk.syncFolder(dirname(path)), 'sync the folder', dirname(path));
}
