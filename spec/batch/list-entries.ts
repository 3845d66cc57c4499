import {readBatchList, type ListOptions} from '../../src/batch/batch-list.js';
import type {ListEntry} from '../../src/batch/list-item.js';

/** Every entry of a list. */
export async function entriesOf(text: string | Iterable<string | Uint8Array>, options?: ListOptions): Promise<ListEntry[]> {
  const entries: ListEntry[] = [];
  for await (const entry of readBatchList(typeof text === 'string' ? [text] : text, options)) entries.push(entry);
  return entries;
}
