import {CatalogueClient} from '../../../src/catalogue/client/catalogue-client.js';
import {Outbox} from '../../../src/catalogue/client/outbox.js';
import {noRetry} from '../../../src/policy/retry-policy.js';
import {partial, PRODUCT} from '../facts.js';

// Publishes so many facts, the same ones in each run, through the outbox that several of these share. A fact that is safe is told.
const [url = '', path = '', worker = '', count = '0'] = process.argv.slice(2);
const client = new CatalogueClient({url, retry: noRetry()});
const outbox = await Outbox.open({path, catalogue: client});
for (let n = 0; n < Number(count); n++) {
  const id = `${worker}-${n}`;
  await outbox.publish('r', [partial('/a', id)], {actor: worker, create: PRODUCT, requestId: id});
  process.stdout.write(`${id}\n`);
}
await outbox.close();
await client.close();
