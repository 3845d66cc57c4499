import type {Reply} from '../core/contract.js';
import {Interrupted, ProtocolError} from '../core/errors.js';
import {isProven, refuseAnnounced, type Judges} from './byte-sequence.js';
import {totalOf} from './resume-key.js';

/** What a caller lets through without proof. */
export interface Allowances {
  readonly allowCloseFramed?: boolean | undefined;
  readonly allowEncoded?: boolean | undefined;
}

/**
 * Refuses a reply before its body: a fault that the protocol found, an announced size that can't be right, a body whose
 * end can't be told from a cut, and an encoded one nobody asked for. The last two pass when a validation proves the
 * whole body, or when the caller allows them.
 *
 * @throws DownloadError
 */
export function refuseReply(reply: Reply, hasBody: boolean, judges: Judges, allowed: Allowances): void {
  if (reply.fault !== undefined) throw reply.fault;
  const total = totalOf(reply);
  if (total !== undefined) refuseAnnounced(judges, total);
  if (!hasBody) return;
  if (reply.framing === 'close' && allowed.allowCloseFramed !== true && !isProven(judges.validations, ['size', 'digest'])) {
    throw new Interrupted('the body ends with the connection, which a cut one does too; expected a digest or size validation, '
      + `or allowCloseFramed: ${reply.url}`, undefined, 0, {url: reply.url, class: 'source-bad'});
  }
  if (reply.encoding !== undefined && allowed.allowEncoded !== true && !isProven(judges.validations, ['digest'])) {
    throw new ProtocolError(`the body came with Content-Encoding '${reply.encoding}' though identity was asked for; expected a digest `
      + `validation of the bytes as sent, or allowEncoded: ${reply.url}`, {url: reply.url});
  }
}
