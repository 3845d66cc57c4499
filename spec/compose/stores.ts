import {createHash} from 'node:crypto';
import {readFile, writeFile, chmod} from 'node:fs/promises';
import {join} from 'node:path';
import type {ContentStore} from '../../src/compose/content-store.js';
import type {NamedDigest} from '../../src/core/digest.js';

/** The digest of these bytes. */
export function digestOf(bytes: Uint8Array, algorithm = 'sha256'): NamedDigest {
  return {algorithm, hex: createHash(algorithm).update(bytes).digest('hex')};
}

/** Where a store keeps content, as its reference says. */
export function contentPath({folder}: {readonly folder: string}, {algorithm, hex}: NamedDigest, root = 'content-v1'): string {
  return join(folder, root, algorithm, hex.slice(0, 2), hex.slice(2, 4), hex.slice(4));
}

/** All bytes of content; undefined when the store has none. */
export async function bytesIn(store: ContentStore, digest: NamedDigest): Promise<Buffer | undefined> {
  const content = await store.get(digest);
  return content === undefined ? undefined : collect(content.read());
}

/** All bytes of a stream. */
export async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Does to a content what a store never does: changes its bytes. */
export async function alter(path: string, change: (bytes: Buffer) => Uint8Array): Promise<void> {
  const bytes = await readFile(path);
  await chmod(path, 0o644);
  await writeFile(path, change(bytes));
}

/** The same bytes with one bit flipped. */
export function flipped(bytes: Buffer, at = bytes.length >> 1): Buffer {
  const other = Buffer.from(bytes);
  other[at] = (other[at] ?? 0) ^ 1;
  return other;
}
