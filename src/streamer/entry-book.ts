import {createHash} from 'node:crypto';
import {join} from 'node:path';
import type {HeaderMap, KeptVersion, Reply} from '../core/contract.js';
import type {NamedDigest} from '../core/digest.js';
import {namesIn} from '../compose/folder-entries.js';
import {FileWriter} from '../writer/file-writer.js';
import {systemCode} from '../writer/disk-fault.js';
import {sweepParts} from '../writer/part-sweep.js';
import type {StreamShelf} from './stream-shelf.js';

/** What is stored under a key, and what the upstream said of it. */
export interface Entry {
  readonly format: 1;
  readonly key: string;
  /** What the content is kept under. */
  readonly digest: NamedDigest;
  /** Bytes. */
  readonly size: number;
  /** End-to-end headers, `age` left out. */
  readonly headers: HeaderMap;
  /** To ask whether it is still the one. */
  readonly version?: KeptVersion | undefined;
  /** When the upstream answered or confirmed it last, epoch ms. */
  readonly received: number;
  /** How old it was then, seconds. */
  readonly age: number;
}

const LOCAL: Reply = Object.freeze({status: 200, headers: {}, hops: [], url: '', validators: {}, offset: 0, framing: 'length'});
/** Entries kept in memory. */
const MOST_REMEMBERED = 10_000;

/** Which key stands for which content: one small file a key, in the folder of the store. */
export class EntryBook {
  readonly #shelf: StreamShelf;
  readonly #folder: string;
  readonly #recent = new Map<string, Entry>();

  constructor(shelf: StreamShelf) {
    this.#shelf = shelf;
    this.#folder = join(shelf.layout.folder, 'streamer-v1');
  }

  /** What is stored under a key; undefined, too, when the file is damaged. @throws WriterError */
  async get(key: string): Promise<Entry | undefined> {
    const known = this.#recent.get(key);
    if (known !== undefined) return known;
    const entry = await this.#read(this.#path(key));
    if (entry?.key !== hashOf(key)) return undefined;
    return this.#remember({...entry, key});
  }

  /** @throws WriterError */
  async put(entry: Entry): Promise<Entry> {
    // Addresses may hold what no disk should: their hash does.
    const text = Buffer.from(`${JSON.stringify({...entry, key: hashOf(entry.key)})}\n`);
    // What a power cut takes is fetched once more.
    const file = new FileWriter(this.#path(entry.key), {durability: 'none'});
    try {
      await file.open({length: text.byteLength, offset: 0, reply: LOCAL});
      await file.append(text);
      await file.close();
    } catch (error) {
      await file.discard().catch(() => undefined);
      throw error;
    }
    return this.#remember(entry);
  }

  /** @throws WriterError */
  async drop(key: string): Promise<void> {
    this.#recent.delete(key);
    await this.#shelf.unlink(this.#path(key));
  }

  /** Removes the entries whose content is gone, and what killed processes left a day ago. @throws WriterError */
  async sweep(): Promise<void> {
    this.#recent.clear();
    const {disk, clock} = this.#shelf;
    for (const first of await namesIn(this.#folder)) {
      if (!/^[0-9a-f]{2}$/.test(first)) continue;
      await sweepParts(join(this.#folder, first), {disk, clock});
      for (const name of await namesIn(join(this.#folder, first))) {
        if (!/^[0-9a-f]{62}\.json$/.test(name)) continue;
        const path = join(this.#folder, first, name);
        const entry = await this.#read(path);
        if (entry === undefined || await this.#shelf.find(entry.digest) === undefined) await this.#shelf.unlink(path);
      }
    }
  }

  #remember(entry: Entry): Entry {
    this.#recent.delete(entry.key);
    this.#recent.set(entry.key, entry);
    const [oldest] = this.#recent.keys();
    if (this.#recent.size > MOST_REMEMBERED && oldest !== undefined) this.#recent.delete(oldest);
    return entry;
  }

  async #read(path: string): Promise<Entry | undefined> {
    const chunks: Uint8Array[] = [];
    try {
      for await (const chunk of this.#shelf.read(path)) chunks.push(chunk);
      const entry = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Partial<Entry> | null;
      const isWhole = entry?.format === 1 && typeof entry.key === 'string' && typeof entry.size === 'number'
        && typeof entry.received === 'number' && typeof entry.digest?.hex === 'string' && typeof entry.digest.algorithm === 'string'
        && typeof entry.headers === 'object';
      return isWhole ? entry as Entry : undefined;
    } catch (error) {
      if (error instanceof SyntaxError || systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  #path(key: string): string {
    const hex = hashOf(key);
    return join(this.#folder, hex.slice(0, 2), `${hex.slice(2)}.json`);
  }
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
