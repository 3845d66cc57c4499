// Downloads a list with the built package, as a user would write it. Arguments: list.json, durability.
import {readFile} from 'node:fs/promises';
import {Batch, Context, DigestValidation, FileWriter, HttpDownload} from 'jupiter-download';

const [list, durability] = process.argv.slice(2);
const items = JSON.parse(await readFile(list, 'utf8'));
const context = new Context({limits: {total: 16, perOrigin: 16}});

function *downloads() {
  for (const {url, path, sha256} of items) {
    yield new HttpDownload({url, writer: new FileWriter(path, {durability}), validations: [new DigestValidation('sha256', sha256)]});
  }
}

for await (const plan of new Batch(downloads(), {backlog: 32, context})) await plan.result();
await context.close();
