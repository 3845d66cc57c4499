/*
 * Checks: a digest, a size, and a validation of one's own. What fails is never published.
 * npx tsx examples/02-verify.ts [URL SHA256]
 */
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {mkdtemp, readdir, rm} from 'node:fs/promises';
import {createServer} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {
  DigestMismatch, DigestValidation, DownloadMonitor, FileWriter, HttpDownload, SizeValidation, ValidationError,
} from 'jupiter-download';

const CONTENT = '{"packages": ["zsh", "zstd"]}';
const server = createServer((_request, response) => response.end(CONTENT)).listen(0, '127.0.0.1');
await once(server, 'listening');
const folder = await mkdtemp(join(tmpdir(), 'jupiter-example-'));
const url = process.argv[2] ?? `http://127.0.0.1:${(server.address() as {port: number}).port}/index.json`;
const sha256 = process.argv[3] ?? createHash('sha256').update(CONTENT).digest('hex');

/** The file must be JSON: an object with apply(), and begin() and update() if it wants the bytes, is a Validation. */
class JsonValidation {
  #chunks: Uint8Array[] = [];

  begin(): void {
    this.#chunks = [];
  }

  update(chunk: Uint8Array): void {
    this.#chunks.push(Buffer.from(chunk));
  }

  apply(): void {
    try {
      JSON.parse(Buffer.concat(this.#chunks).toString());
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

  console.log('short:', await new HttpDownload({url, validations: [new SizeValidation(3)]}).run().catch(String));
  console.log('in the folder:', await readdir(folder));
} finally {
  server.close();
  await rm(folder, {recursive: true});
}
