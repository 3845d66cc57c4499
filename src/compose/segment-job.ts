import type {Continuation, KeptPieces, Reply, ResumeKey, ScatteredPieces} from '../core/contract.js';
import {originOf} from '../core/url.js';
import {hopOf, resumeKeyOf, totalOf} from '../download/resume-key.js';
import {fits, type PieceDigests} from './piece-digests.js';
import {PieceMap, type Segment} from './piece-map.js';
import type {SegmentTerms} from './segment-options.js';

/** Digests of pieces that nobody demands are of this kind. */
const ALGORITHM = 'sha256';

/** A file that comes in pieces: which of them are there, and under what the others may be added. */
export class SegmentJob {
  readonly map: PieceMap;
  readonly key: ResumeKey;
  readonly digests: PieceDigests | undefined;
  /** The address that told the key. */
  readonly url: string;
  /** A digest of the caller's proves the whole in the end, or each piece. */
  readonly proven: boolean;
  /** Whether some bytes were written already. */
  begun: boolean;

  private constructor(map: PieceMap, key: ResumeKey, how: Pick<SegmentJob, 'digests' | 'url' | 'proven' | 'begun'>) {
    this.map = map;
    this.key = key;
    this.digests = how.digests;
    this.url = how.url;
    this.proven = how.proven;
    this.begun = how.begun;
  }

  /** Begins with a reply that proves that parts can be had. Undefined: it is taken as one stream. */
  static from(reply: Reply, url: string, terms: SegmentTerms, proven: boolean): SegmentJob | undefined {
    const total = totalOf(reply);
    const key = resumeKeyOf(reply);
    const digests = terms.pieces;
    if (reply.status !== 206 || reply.offset !== 0 || !isUsable(key, proven)) return undefined;
    if (total === undefined || total < terms.threshold) return undefined;
    const map = new PieceMap(total, terms.lengthFor(total));
    if (map.count < 2 || (digests !== undefined && !fits(digests, total))) return undefined;
    return new SegmentJob(map, {...key, total}, {digests, url, proven, begun: false});
  }

  /** Goes on with what an earlier run left. Undefined: it is of no use. */
  static after(kept: KeptPieces, url: string, terms: SegmentTerms, proven: boolean): SegmentJob | undefined {
    const {key, length, algorithm} = kept;
    const digests = terms.pieces;
    if (key.total === undefined || !isUsable(key, proven)) return undefined;
    if (digests !== undefined) {
      const same = digests.length === length && digests.algorithm === algorithm && fits(digests, key.total);
      if (!same) return undefined;
    }
    const good = [...kept.digests.keys()].filter((piece) => digests === undefined || digests.hashes[piece] === kept.digests.get(piece));
    // One piece is asked for at least: only the source can say that it still has this version.
    if (good.length === Math.ceil(key.total / length)) good.pop();
    if (good.length === 0) return undefined;
    return new SegmentJob(new PieceMap(key.total, length, good), key, {digests, url, proven, begun: true});
  }

  /** Whether it may be continued from this address. */
  mayGoOnAt(url: string): boolean {
    return this.proven || originOf(url) === originOf(this.url);
  }

  /** The digest to make of each piece. `kept`: a later run wants to know it. */
  algorithm(kept: boolean): string | undefined {
    return this.digests?.algorithm ?? (kept ? ALGORITHM : undefined);
  }

  /** What is asked for a segment. */
  continuation(segment: Segment, url: string): Continuation {
    const {map, key, proven} = this;
    const same = originOf(url) === originOf(this.url);
    return {
      offset: map.positionOf(segment, url), end: map.endOf(segment.end - 1), key, proven,
      ifRange: same ? key.etag ?? key.lastModified : undefined,
    };
  }

  /** The reply of a part as that of the whole. */
  headOf({body, ...reply}: Reply): Omit<Reply, 'body'> {
    const {map} = this;
    const pieces: ScatteredPieces = {
      length: map.length, algorithm: this.algorithm(true) ?? ALGORITHM, kept: this.begun ? map.whole : undefined, held: map.held,
    };
    return {...reply, offset: 0, length: map.total, total: map.total, pieces};
  }

  /** Whether the whole, sent instead of a part, is of the same version. */
  isSame(reply: Reply): boolean {
    const {key, proven} = this;
    const {validators: {etag, lastModified}, encoding} = reply;
    if (encoding !== undefined || hopOf(reply) !== key.hop || totalOf(reply) !== key.total) return false;
    if (key.etag !== undefined) return etag === key.etag;
    return key.lastModified === undefined ? proven : lastModified === key.lastModified;
  }
}

function isUsable(key: ResumeKey | undefined, proven: boolean): key is ResumeKey {
  return key !== undefined && (key.etag !== undefined || key.lastModified !== undefined || proven);
}
