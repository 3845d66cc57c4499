import {expect} from 'chai';
import {createHash} from 'node:crypto';
import type {PieceDigests} from '../../src/compose/piece-digests.js';
import {SegmentedDownload, type SegmentedDownloadOptions} from '../../src/compose/segmented-download.js';
import {patterned} from '../../src/testing/bytes.js';
import type {RecordedRequest} from '../../src/testing/scripted-server.js';
import type {TempFolder} from '../../src/testing/temp-folder.js';

/** Bytes of a piece in these specs. */
export const PIECE = 4096;
/** 25 pieces and a bit. */
export const BODY = patterned(25 * PIECE + 123, 5);

/** A download that cuts files of more than 32 KiB into small pieces. */
export function segmented(options: SegmentedDownloadOptions): SegmentedDownload {
  return new SegmentedDownload({threshold: 32_768, ...options.pieces === undefined ? {pieceLength: PIECE} : {}, ...options});
}

/** What a metalink says of the pieces. */
export function digestsOf(body: Uint8Array, length = PIECE, algorithm = 'sha256'): PieceDigests {
  const hashes = Array.from({length: Math.ceil(body.length / length)}, (_, at) =>
    createHash(algorithm).update(body.subarray(at * length, (at + 1) * length)).digest('hex'));
  return {length, algorithm, hashes};
}

/** The lower-case hex sha256 of bytes. */
export function sha256(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}

/** The first byte that each request asked for; undefined where it asked for the whole. */
export function startsOf(requests: readonly RecordedRequest[]): (number | undefined)[] {
  return requests.map(({headers: {range}}) => range === undefined ? undefined : Number(/^bytes=(\d+)-/.exec(range)?.[1]));
}

/** The pieces that a range touches. */
export function piecesOf(range: string | undefined): number[] {
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
  if (start === undefined || end === undefined) return [];
  const first = Math.floor(Number(start) / PIECE);
  return Array.from({length: Math.floor(Number(end) / PIECE) - first + 1}, (_, at) => first + at);
}

/** Bytes that were asked for by bounded ranges. */
export function askedBytes(requests: readonly RecordedRequest[]): number {
  return requests.reduce((sum, {headers: {range}}) => {
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    return start === undefined || end === undefined ? sum : sum + Number(end) - Number(start) + 1;
  }, 0);
}

/** Fails unless the folder has this file, whole, and nothing beside it: no part, no journal. */
export async function expectAlone(folder: TempFolder, name = 'f', body = BODY): Promise<void> {
  expect((await folder.read(name)).equals(body), 'the bytes').to.equal(true);
  expect(await folder.list()).to.deep.equal([name]);
}
