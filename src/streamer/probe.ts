import type {ContextView, WriterMeta} from '../core/contract.js';
import {Cancelled} from '../core/errors.js';
import type {Download} from '../download/download.js';
import {BaseWriter} from '../writer/base-writer.js';
import type {Representation} from './answer.js';
import {HeldHeaders} from './held-headers.js';

/** Takes the head of a body and refuses the body. */
class HeadWriter extends BaseWriter {
  seen: WriterMeta | undefined;

  override open(meta: WriterMeta): void {
    this.seen = meta;
    throw new Cancelled('only the head is wanted');
  }

  append(): void { /* nothing comes */ }
  close(): void { /* nothing came */ }
}

/** Asks for the head only, also with a download that would fetch the body: that one is cut off. @throws DownloadError */
export async function probe(download: Download, context: ContextView, signal: AbortSignal): Promise<Representation> {
  const writer = new HeadWriter();
  const held = HeldHeaders.of(download);
  let headers = held.copy();
  writer.open = (meta) => {
    headers = held.copy();
    HeadWriter.prototype.open.call(writer, meta);
  };
  download.writer = writer;
  download.context = context;
  try {
    await download.run(signal);
  } catch (error) {
    if (writer.seen === undefined) throw error;
  }
  return {headers, size: writer.seen?.length};
}
