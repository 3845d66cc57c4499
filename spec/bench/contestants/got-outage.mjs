// What one writes with got alone: six at once, got's own retry with its default delays, limit 5. Argument: list.json.
import {readFile, rename, writeFile} from 'node:fs/promises';
import * as http from 'node:http';
import {got} from 'got';

const items = JSON.parse(await readFile(process.argv[2], 'utf8'));
const client = got.extend({agent: {http: new http.Agent({keepAlive: true, maxSockets: 6})}, retry: {limit: 5}});

const failures = new Map();
let next = 0;
async function worker() {
  while (next < items.length) {
    const {url, path} = items[next++];
    try {
      await writeFile(`${path}.tmp`, await client(url).buffer());
      await rename(`${path}.tmp`, path);
    } catch ({code}) {
      failures.set(code, (failures.get(code) ?? 0) + 1);
    }
  }
}

await Promise.all(Array.from({length: 6}, worker));
if (failures.size > 0) console.error([...failures].map(([code, count]) => `${count} × ${code}`).join(', '));
process.exit(0);
