// Downloads a list with the built package and default limits and retries; tells what failed. Arguments: list.json, backlog.
import {readFile} from 'node:fs/promises';
import {Batch, FileWriter, HttpDownload} from 'jupiter-download';

const [list, backlog] = process.argv.slice(2);
const items = JSON.parse(await readFile(list, 'utf8'));
const downloads = items.map(({url, path}) => new HttpDownload({url, writer: new FileWriter(path, {durability: 'none'})}));

const failures = new Map();
for await (const plan of new Batch(downloads, {backlog: Number(backlog)})) {
  await plan.result().catch(({code}) => failures.set(code, (failures.get(code) ?? 0) + 1));
}
if (failures.size > 0) console.error([...failures].map(([code, count]) => `${count} × ${code}`).join(', '));
