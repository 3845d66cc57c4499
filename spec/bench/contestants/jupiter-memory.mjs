// Runs as many downloads as asked, one batch, and prints the peak memory in bytes. Arguments: url, number.
import {Batch, Context, HttpDownload, NullWriter} from 'jupiter-download';

const [url, number] = process.argv.slice(2);
const context = new Context({limits: {total: 16, perOrigin: 16}});

function *downloads() {
  for (let at = 0; at < Number(number); at++) yield new HttpDownload({url: `${url}?${at}`, writer: new NullWriter()});
}

for await (const plan of new Batch(downloads(), {backlog: 32, context})) await plan.result();
await context.close();
console.log(process.resourceUsage().maxRSS * 1024);
