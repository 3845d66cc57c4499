// What one writes with got alone: 16 at once, sha256 in line, temp file and rename. Argument: list.json.
// It neither retries nor syncs, and leaves its temp file behind when it fails.
import {createHash, randomBytes} from 'node:crypto';
import {createWriteStream} from 'node:fs';
import {readFile, rename} from 'node:fs/promises';
import * as http from 'node:http';
import {Transform} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {got} from 'got';

const items = JSON.parse(await readFile(process.argv[2], 'utf8'));
const client = got.extend({
  agent: {http: new http.Agent({keepAlive: true, maxSockets: 16})},
  retry: {limit: 0}, decompress: false, strictContentLength: true,
});

async function download({url, path, sha256}) {
  const hash = createHash('sha256');
  const temp = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  const tap = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(client.stream(url), tap, createWriteStream(temp, {flags: 'wx'}));
  const found = hash.digest('hex');
  if (found !== sha256) throw new Error(`${url}: expected ${sha256}, got ${found}`);
  await rename(temp, path);
}

let next = 0;
async function worker() {
  while (next < items.length) await download(items[next++]);
}

await Promise.all(Array.from({length: Math.min(16, items.length)}, worker));
process.exit(0);
