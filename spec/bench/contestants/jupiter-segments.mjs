// Downloads one file over several connections with the built package. Arguments: list.json, durability, connections.
import {readFile} from 'node:fs/promises';
import {DigestValidation, FileWriter} from 'jupiter-download';
import {SegmentedDownload} from 'jupiter-download/compose';

const [list, durability, segments] = process.argv.slice(2);
const [{url, path, sha256}] = JSON.parse(await readFile(list, 'utf8'));

await new SegmentedDownload({
  url, segments: Number(segments),
  writer: new FileWriter(path, {durability}),
  validations: [new DigestValidation('sha256', sha256)],
}).run();
