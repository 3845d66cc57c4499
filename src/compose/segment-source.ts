import type {DownloadError} from '../core/errors.js';
import {redactUrl} from '../core/redact.js';

/** What a source did for a download that came in pieces. */
export interface SourceReport {
  /** Secrets redacted. */
  readonly url: string;
  readonly requests: number;
  /** Bytes that it gave, bad and doubled ones too. */
  readonly bytes: number;
  /** Pieces that were not what they should be. */
  readonly badPieces: number;
  /** Why it was asked no more. */
  readonly fault?: {readonly code: string; readonly message: string} | undefined;
}

/** What the sources did in several attempts, each told once. */
export function sumOf(reports: readonly SourceReport[]): readonly SourceReport[] {
  const sums = new Map<string, SourceReport>();
  for (const one of reports) {
    const {requests = 0, bytes = 0, badPieces = 0} = sums.get(one.url) ?? {};
    sums.set(one.url, Object.freeze({
      ...one, requests: requests + one.requests, bytes: bytes + one.bytes, badPieces: badPieces + one.badPieces,
    }));
  }
  return Object.freeze([...sums.values()]);
}

/** An address that pieces are asked from. */
export class SegmentSource {
  readonly url: string;
  /** Pieces that it gave wrong; it isn't asked for them again. */
  readonly bad = new Set<number>();
  /** Transfers now. */
  active = 0;
  requests = 0;
  bytes = 0;
  /** Faults since it last gave a piece. */
  faults = 0;
  /** Why it is asked no more. */
  dropped: DownloadError | undefined;

  constructor(url: string) {
    this.url = url;
  }

  report(): SourceReport {
    const {url, requests, bytes, bad, dropped} = this;
    return Object.freeze({
      url: redactUrl(url), requests, bytes, badPieces: bad.size, fault: dropped && {code: dropped.code, message: dropped.message},
    });
  }
}
