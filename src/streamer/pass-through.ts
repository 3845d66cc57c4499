import {BufferWriter} from '../writer/buffer-writer.js';
import type {Answer, Representation} from './answer.js';
import type {ClientReply} from './client-reply.js';
import type {ExchangeParts} from './exchange-parts.js';
import {HeldHeaders} from './held-headers.js';
import type {Resource, StreamRequest} from './importer.js';
import {ReplyWriter} from './reply-writer.js';
import {LARGEST_DOCUMENT, rewrite} from './rewritten.js';

/** Without a store: one upstream transfer for one client, at the client's pace. @throws DownloadError */
export async function passThrough(
  parts: ExchangeParts, reply: ClientReply, request: StreamRequest, resource: Resource,
  decide: (what: Representation, judged: boolean) => Answer,
): Promise<void> {
  const download = resource.download();
  download.context = parts.context;
  const held = HeldHeaders.of(download);
  const judged = (): boolean => resource.digest !== undefined || download.validations.some(({enforced}) => enforced !== false);
  parts.watch.attach(download);
  if (resource.transform !== undefined) {
    const writer = new BufferWriter({limit: LARGEST_DOCUMENT});
    download.writer = writer;
    await download.run(reply.gone);
    const {representation, body} = await rewrite(resource, request, writer.content(), held.copy());
    const answer = decide(representation, judged());
    reply.begin(answer.status, answer.headers);
    if (!answer.bodiless) await reply.write(body.subarray(answer.start, answer.end));
    return reply.end();
  }
  const writer = new ReplyWriter({
    reply, judged, digest: resource.digest, headers: () => held.copy(), decide: (what) => decide(what, judged()),
  });
  download.writer = writer;
  download.observe(writer);
  try {
    await download.run(reply.gone);
  } catch (error) {
    if (!writer.answered) throw error;
  }
}
