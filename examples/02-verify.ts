/*
 * Checks: a digest, a size, and a validation of one's own. What fails is never published.
 * npx tsx examples/02-verify.ts [URL SHA256]
 */
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {mkdtemp, readdir, rm} from 'node:fs/promises';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {
  DigestMismatch, DigestValidation, DownloadMonitor, FileWriter, HttpDownload, SizeValidation, ValidationError, type Validation,
} from 'jupiter-download';

const CONTENT = '{"packages": ["zsh", "zstd"]}';
const server = createServer((_request, response) => response.end(CONTENT)).listen(0, '127.0.0.1');
await once(server, 'listening');
const folder = await mkdtemp(join(tmpdir(), 'jupiter-example-'));
const url = process.argv[2] ?? `http://127.0.0.1:${(server.address() as AddressInfo).port}/index.json`;
const sha256 = process.argv[3] ?? createHash('sha256').update(CONTENT).digest('hex');

/** The file must be JSON. */
class JsonValidation implements Validation {
  #text = '';

  begin(): void {
    this.#text = '';
  }

  update(chunk: Uint8Array): void {
    this.#text += Buffer.from(chunk).toString('latin1'); // a character may be cut in two
  }

  apply(): void {
    try {
      JSON.parse(Buffer.from(this.#text, 'latin1').toString());
    } catch (cause) {
      throw new ValidationError('expected JSON', {cause});
    }
  }
}

try {
  const good = new HttpDownload({url, writer: new FileWriter(join(folder, 'index.json'))});
  good.append(new DigestValidation('sha256', sha256)).append(new JsonValidation());
  const monitor = new DownloadMonitor(good, {digests: ['sha256', 'sha512']});
  await good.run();
  console.log('good:', monitor.facts());

  const bad = new HttpDownload({url, writer: new FileWriter(join(folder, 'bad.json'))});
  bad.append(new DigestValidation('sha256', '0'.repeat(64)));
  const error = await bad.run().catch((thrown: unknown) => thrown);
  if (error instanceof DigestMismatch) console.log(`bad: ${error.code}, got ${error.actual}`);

  const short = new HttpDownload({url, validations: [new SizeValidation(3)]});
  console.log('short:', await short.run().catch(String));
  console.log('in the folder:', await readdir(folder));
} finally {
  server.close();
  await rm(folder, {recursive: true});
}
