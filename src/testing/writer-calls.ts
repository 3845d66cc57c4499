import {Context} from '../core/context.js';
import type {Reply, Writer, WriterMeta, WriterStart} from '../core/contract.js';

/** What a run tells a writer before a byte moves; `parts` replace what isn't given by default. */
export function writerStart(parts: Partial<WriterStart> = {}): WriterStart {
  return {context: new Context(), url: 'http://files.example/f', signal: new AbortController().signal, validated: false, ...parts};
}

/** What a run tells a writer with the reply. `length`: bytes of the whole, when announced; `parts` replace the rest. */
export function writerMeta(length?: number, parts: Partial<WriterMeta> = {}): WriterMeta {
  const reply: Reply = {
    status: 200, headers: {}, hops: [], url: 'http://files.example/f', validators: {}, length, offset: 0,
    framing: length === undefined ? 'chunked' : 'length',
  };
  return {length, reply, offset: 0, ...parts};
}

/** Prepares, opens and appends as a run does, one chunk after the other. `length`: what the reply announced. */
export async function feedWriter(writer: Writer, chunks: readonly Uint8Array[], length?: number): Promise<void> {
  await writer.prepare?.(writerStart());
  await writer.open(writerMeta(length));
  for (const chunk of chunks) await writer.append(chunk);
}

/** All bytes of a writer that can be read; none of one that can't. */
export async function readWriter(writer: Writer): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of writer.read?.() ?? []) chunks.push(chunk);
  return Buffer.concat(chunks);
}
