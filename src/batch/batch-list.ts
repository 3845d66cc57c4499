import {misuse, oneOf, onlyKeys} from '../core/options.js';
import {readAria2} from './aria2-list.js';
import {ChecksumReader} from './checksum-file.js';
import {readJsonLines} from './json-list.js';
import {entryOf, type ListEntry, type ListLine} from './list-item.js';

/** How a list is written: one address a line, aria2's input format, JSON lines, or SHA256SUMS and its kin. */
export type ListFormat = 'urls' | 'aria2' | 'jsonl' | 'checksums';

/** How a list is read. */
export interface ListOptions {
  /** @default 'auto': by the first line that counts */
  format?: ListFormat | 'auto' | undefined;
  /** Of checksum lines that name no algorithm. @default by the length of the digest */
  algorithm?: string | undefined;
}

const FORMATS: readonly (ListFormat | 'auto')[] = ['auto', 'urls', 'aria2', 'jsonl', 'checksums'];
const LONGEST_LINE = 1024 * 1024;

/**
 * Reads a batch list, entry by entry: nothing is kept, so a list may be endless. A line that is wrong becomes an entry
 * with a fault, and reading goes on. In the format `checksums` the names are addresses relative to a base.
 *
 * @param chunks bytes (UTF-8) or texts, cut anywhere: a stream, say
 * @throws TypeError, RangeError naming the option, at once; RangeError while reading for a line of more than 1 MiB
 */
export function readBatchList(chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  options: ListOptions = {}): AsyncGenerator<ListEntry> {
  onlyKeys('list', options, ['format', 'algorithm']);
  const format = oneOf('format', options.format, FORMATS, 'auto');
  const reader = new ChecksumReader({algorithm: options.algorithm});
  return read(splitLines(chunks), format, reader);
}

async function *read(lines: AsyncGenerator<ListLine>, format: ListFormat | 'auto', reader: ChecksumReader): AsyncGenerator<ListEntry> {
  if (format === 'auto') {
    const held: ListLine[] = [];
    for (;;) {
      const next = await lines.next();
      if (next.done === true) break;
      held.push(next.value);
      if (!/^\s*(?:#.*)?$/.test(next.value.text)) break;
      // Only the numbers matter of what doesn't count.
      held.length = 0;
    }
    yield* readAs(rejoin(held, lines), guess(held[0]?.text ?? ''), reader);
    return;
  }
  yield* readAs(lines, format, reader);
}

function readAs(lines: AsyncGenerator<ListLine>, format: ListFormat, reader: ChecksumReader): AsyncGenerator<ListEntry> {
  switch (format) {
    case 'urls': return readUrls(lines);
    case 'aria2': return readAria2(lines);
    case 'jsonl': return readJsonLines(lines);
    case 'checksums': return readChecksums(lines, reader);
  }
}

/** How the first line that counts looks. aria2's format takes plain lists of addresses as well. */
function guess(first: string): ListFormat {
  if (first.trimStart().startsWith('{')) return 'jsonl';
  if (/^\\?[0-9a-f]{32,}(?:\s|$)/i.test(first) || /^\\?[a-z][a-z0-9/-]* ?\(.+\) ?= ?[0-9a-f]+$/i.test(first)) return 'checksums';
  return first.startsWith('-----BEGIN PGP SIGNED MESSAGE') ? 'checksums' : 'aria2';
}

async function *readUrls(lines: AsyncIterable<ListLine>): AsyncGenerator<ListEntry> {
  for await (const {number, text} of lines) {
    const url = text.trim();
    if (url !== '' && !url.startsWith('#')) yield {line: number, item: {url}};
  }
}

async function *readChecksums(lines: AsyncIterable<ListLine>, reader: ChecksumReader): AsyncGenerator<ListEntry> {
  for await (const {number, text} of lines) {
    let skipped = false;
    const entry = entryOf(number, () => {
      const checksum = reader.read(text, number);
      skipped = checksum === undefined;
      const {name = '', algorithm = '', hex = ''} = checksum ?? {};
      if (!skipped && name === '') throw misuse('checksum', text, 'a digest and the name of its file');
      return {url: name.split('/').map(encodeURIComponent).join('/'), name, digests: [{algorithm, hex}]};
    });
    if (!skipped) yield entry;
  }
}

async function *rejoin(held: readonly ListLine[], rest: AsyncGenerator<ListLine>): AsyncGenerator<ListLine> {
  yield* held;
  yield* rest;
}

/** Lines of a stream, numbered from 1, without their ends (LF or CRLF); a byte order mark is dropped. */
async function *splitLines(chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>): AsyncGenerator<ListLine> {
  const decoder = new TextDecoder();
  let rest = '';
  let number = 0;
  for await (const chunk of chunks) {
    const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, {stream: true}))).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) {
      throw new RangeError(`line ${number + lines.length + 1}: expected a line of at most ${LONGEST_LINE} characters, got more`);
    }
    for (const text of lines) yield {number: ++number, text: text.endsWith('\r') ? text.slice(0, -1) : text};
  }
  rest += decoder.decode();
  if (rest !== '') yield {number: number + 1, text: rest};
}
