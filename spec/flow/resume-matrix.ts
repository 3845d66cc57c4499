import {appendFile, open, readFile, readdir, rm, writeFile} from 'node:fs/promises';
import {createHash} from 'node:crypto';
import {join} from 'node:path';
import {expect} from 'chai';
import {Context} from '../../src/core/context.js';
import {DownloadError} from '../../src/core/errors.js';
import {HttpDownload} from '../../src/download/http-download.js';
import {fileAnswer, inTurn, patterned, RANGE_CONDUCTS, TestClock, type RangeConduct, type ScriptedServer, type ValidatorKind} from '../../src/testing/index.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {FileWriter} from '../../src/writer/file-writer.js';

/** What an earlier run left in the folder. */
export const LOCAL_STATES = ['absent', 'partial', 'foreign', 'complete', 'too big', 'altered', 'other version'] as const;
export const CONDUCTS = RANGE_CONDUCTS;
export const VALIDATORS = ['strong', 'weak', 'date', 'young-date', 'none'] as const satisfies ValidatorKind[];
export const FRAMINGS = ['length', 'chunked', 'close'] as const;

/** One cell of the matrix. */
export interface Cell {
  readonly local: (typeof LOCAL_STATES)[number];
  readonly conduct: RangeConduct;
  readonly validator: (typeof VALIDATORS)[number];
  readonly digest: boolean;
  readonly framing: (typeof FRAMINGS)[number];
  readonly redirects: 0 | 1;
  /** Where the second run's first answer is cut too, so that it continues within a run. */
  readonly cutAgain: boolean;
}

/** Every cell. Bytes that a server falsifies under true headers are seen by a digest alone. */
export function allCells(): Cell[] {
  const cells: Cell[] = [];
  for (const local of LOCAL_STATES) for (const conduct of CONDUCTS) for (const validator of VALIDATORS) for (const digest of [false, true]) {
    if (conduct === 'other-bytes' && !digest) continue;
    for (const framing of FRAMINGS) for (const redirects of [0, 1] as const) for (const cutAgain of [false, true]) {
      cells.push({local, conduct, validator, digest, framing, redirects, cutAgain});
    }
  }
  return cells;
}

export function nameOf(cell: Cell): string {
  return Object.entries(cell).map(([name, value]) => `${name} ${value}`).join(', ');
}

/** What a cell came to. */
export interface Verdict {
  readonly outcome: 'right' | 'refused';
  readonly code?: string | undefined;
  /** Body bytes that the server sent in the second run. */
  readonly sent: number;
  readonly requests: number;
  /** Whether the second run asked for a part. */
  readonly asked: boolean;
}

/** Plays one cell: an earlier run leaves something, then a second one must come to the right bytes or to an error. */
export class ResumeMatrix {
  readonly #server: ScriptedServer;
  readonly #folder: string;
  readonly #size: number;
  readonly #bytes: Buffer;
  readonly #others: Buffer;

  constructor(server: ScriptedServer, folder: string, size = 3000) {
    this.#server = server;
    this.#folder = folder;
    this.#size = size;
    this.#bytes = patterned(size);
    this.#others = patterned(size, 7);
  }

  /** @throws AssertionError when the bytes are wrong, something is left behind, or an error is none of ours */
  async play(cell: Cell): Promise<Verdict> {
    const target = join(this.#folder, 'file.bin');
    for (const name of await readdir(this.#folder)) await rm(join(this.#folder, name));
    await this.#leave(cell, target);
    const answers = {validator: cell.validator, framing: cell.framing, range: cell.conduct, redirects: cell.redirects};
    const whole = fileAnswer(this.#bytes, answers);
    const cut = fileAnswer(this.#bytes, {...answers, cutAt: Math.floor(this.#size / 5), cut: 'end'});
    this.#server.on('/file.bin', cell.cutAgain ? inTurn(cut, whole) : whole);
    const [before, seen] = [this.#server.bodyBytes, this.#server.requests.length];
    const fault = await this.#run(cell, target, 4).then(() => undefined, (error: unknown) => error);
    const requests = this.#server.requests.slice(seen);
    const verdict = {sent: this.#server.bodyBytes - before, requests: requests.length, asked: requests.some(({headers}) => 'range' in headers)};
    const names = await readdir(this.#folder);
    if (fault === undefined) {
      expect((await readFile(target)).equals(this.#bytes), `${nameOf(cell)}: the right bytes`).to.be.true;
      expect(names.filter((name) => name !== 'file.bin' && !name.endsWith('.foreign')), `${nameOf(cell)}: nothing left beside`).to.deep.equal([]);
      return {outcome: 'right', ...verdict};
    }
    expect(fault, nameOf(cell)).to.be.instanceOf(DownloadError);
    expect(names, `${nameOf(cell)}: no file under the final name`).not.to.include('file.bin');
    return {outcome: 'refused', code: (fault as DownloadError).code, ...verdict};
  }

  async #run(cell: Cell, target: string, retries: number): Promise<void> {
    await using context = new Context({clock: new TestClock({autoAdvance: true}), random: () => 0.5});
    const download = new HttpDownload({url: this.#server.url('/file.bin'), context, retries, writer: new FileWriter(target, {resume: true})});
    if (cell.digest) download.append(new DigestValidation('sha256', createHash('sha256').update(this.#bytes).digest('hex')));
    await download.run();
  }

  /** The first run, and what happened to its files since. */
  async #leave(cell: Cell, target: string): Promise<void> {
    const {local, validator, redirects} = cell;
    if (local === 'absent') return;
    const bytes = local === 'other version' ? this.#others : this.#bytes;
    // Bytes can be kept only where the end of a body can be told: this run's framing is not the matter.
    const cutAt = local === 'complete' ? this.#size : Math.floor(this.#size / 2);
    const answers = {validator, redirects, framing: 'chunked', cutAt, cut: 'end'} as const;
    this.#server.on('/file.bin', fileAnswer(bytes, answers));
    await this.#run({...cell, digest: cell.digest && local !== 'other version'}, target, 0).then(() => expect.fail('the first run was cut'), () => undefined);
    const names = await readdir(this.#folder);
    const part = names.find((name) => name.endsWith('.part'));
    const journal = names.find((name) => name.endsWith('.jupiter'));
    if (part === undefined || journal === undefined) return;
    if (local === 'too big') await appendFile(join(this.#folder, part), 'garbage behind what the journal vouches for');
    if (local === 'altered') await flip(join(this.#folder, part), 100);
    if (local === 'foreign') await writeFile(join(this.#folder, journal), '{"jupiter": 1, "part": "../../etc/passwd"}');
    if (local === 'foreign') await rm(join(this.#folder, part));
  }
}

async function flip(path: string, at: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const {buffer} = await file.read(Buffer.alloc(1), 0, 1, at);
    await file.write(Buffer.of((buffer[0] ?? 0) ^ 0x01), 0, 1, at);
  } finally {
    await file.close();
  }
}
