import {BufferWriter} from '../writer/buffer-writer.js';
import type {Answer, Representation} from './answer.js';
import type {ClientReply} from './client-reply.js';
import type {ByteRange} from '../download/byte-range.js';
import type {ExchangeParts} from './exchange-parts.js';
import {HeldHeaders} from './held-headers.js';
import type {Resource, StreamRequest} from './importer.js';
import {isJudged} from './judged.js';
import {ReplyWriter} from './reply-writer.js';
import {LARGEST_DOCUMENT, rewrite} from './rewritten.js';

/**
 * One upstream transfer for one client, at the client's pace; nothing is stored. `range`: only these bytes of it.
 *
 * @returns false when the range can't be had by itself: nothing was sent, and the whole is to be asked for
 * @throws DownloadError
 */
export async function passThrough(
  parts: ExchangeParts, reply: ClientReply, request: StreamRequest, resource: Resource,
  decide: (what: Representation, judged: boolean) => Answer, range?: ByteRange,
): Promise<boolean> {
  const download = resource.download(undefined, range);
  const judged = (): boolean => isJudged(resource, download);
  if (range !== undefined && judged()) return false;
  download.context = parts.context;
  const held = HeldHeaders.of(download);
  parts.watch.attach(download);
  if (resource.transform !== undefined) {
    const writer = new BufferWriter({limit: LARGEST_DOCUMENT});
    download.writer = writer;
    await download.run(reply.gone);
    const {representation, body} = await rewrite(resource, request, writer.content(), held.copy());
    const answer = decide(representation, judged());
    reply.begin(answer.status, answer.headers);
    if (!answer.bodiless) await reply.write(body.subarray(answer.start, answer.end));
    await reply.end();
    return true;
  }
  const writer = new ReplyWriter({
    reply, judged, digest: resource.digest, headers: () => held.copy(), decide: (what) => decide(what, judged()),
  });
  download.writer = writer;
  download.observe(writer);
  try {
    await download.run(reply.gone);
  } catch (error) {
    if (writer.unfit) return false;
    if (!writer.answered) throw error;
  }
  return true;
}
