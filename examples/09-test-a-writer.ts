/*
 * The tests of a writer of one's own: the contract that every Writer keeps, and one thing that is special about this one.
 * npx tsx examples/09-test-a-writer.ts         (with mocha or vitest: the same, with their describe and it)
 */
import assert from 'node:assert/strict';
import {mkdtemp, readdir, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, describe, it} from 'node:test';
import {gunzipSync, gzipSync} from 'node:zlib';
import {BaseWriter, DownloadFailed, HttpDownload, noRetry, type Published} from 'jupiter-download';
import {fileAnswer, patterned, ScriptedServer, writerContract} from 'jupiter-download/testing';

/** Keeps a small file gzipped; the file appears when it is complete. */
class GzipWriter extends BaseWriter {
  readonly #chunks: Uint8Array[] = [];
  constructor(readonly path: string) { super(); }

  append(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
  }

  async close(): Promise<Published> {
    const part = `${this.path}.part`;
    try {
      await writeFile(part, gzipSync(Buffer.concat(this.#chunks)), {flag: 'wx'});
      await rename(part, this.path);
    } catch (error) {
      await rm(part, {force: true});
      throw error;
    }
    return {path: this.path};
  }
}

void describe('GzipWriter', () => {
  let folder = '';
  let made = 0;
  before(async () => { folder = await mkdtemp(join(tmpdir(), 'gzip-writer-')); });
  after(async () => { await rm(folder, {recursive: true}); });

  writerContract({describe, it}, () => {
    const path = join(folder, `${++made}.gz`);
    return {
      writer: new GzipWriter(path),
      published: () => readFile(path).then(gunzipSync, () => undefined),
      leftovers: async () => (await readdir(folder)).filter((name) => !name.endsWith('.gz')),
    };
  });

  void it('keeps nothing of a body that was cut', async () => {
    await using server = await ScriptedServer.start();
    server.on('/f', fileAnswer(patterned(10_000), {cutAt: 5000}));
    const download = new HttpDownload({url: server.url('/f'), writer: new GzipWriter(join(folder, 'cut.gz')), retry: noRetry()});
    await assert.rejects(download.run(), DownloadFailed);
    assert.ok(!(await readdir(folder)).includes('cut.gz'));
  });
});
