// Publishes the facts of one writer, one after the other, and tells what became of each. Forked by WriterProcess.
import {once} from 'node:events';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

const [task] = await once(process, 'message');
const built = (path) => import(pathToFileURL(join(task.dist, path)).href);
const {SystemClock} = await built('core/clock.js');

/** A clock that is wrong by `skew` ms. */
class SkewedClock extends SystemClock {
  time() {
    return super.time() + task.skew;
  }
}

async function open() {
  // Another way to publish, to be compared with.
  if (task.place.peer !== undefined) return (await import(pathToFileURL(task.place.peer).href)).open(task.place.location);
  const clock = new SkewedClock();
  if (task.place.url === undefined) {
    const {Catalogue} = await built('catalogue/catalogue.js');
    const {location, schema} = task.place;
    return Catalogue.open(location, {clock, ...schema !== undefined && {postgres: {schema, connections: 2}}});
  }
  const {CatalogueClient} = await built('catalogue/client/catalogue-client.js');
  const {StandardRetryPolicy} = await built('policy/retry-policy.js');
  // A server that is started again on a busy machine may take longer than the default's four repeats.
  return new CatalogueClient({url: task.place.url, clock, retry: new StandardRetryPolicy({retries: 12})});
}

const catalogue = await open();
process.send({kind: 'ready'});
await once(process, 'message');
for (const [number, fact] of task.facts.entries()) {
  const start = performance.now();
  try {
    const {attempts, merged, changes} = await catalogue.publish(task.release, [fact], {actor: task.actor, create: {product: 'crowd'}});
    process.send({kind: 'done', number, attempts, merged, rows: changes.length, ms: performance.now() - start});
  } catch (error) {
    process.send({kind: 'failed', number, code: String(error?.code), message: String(error?.message)});
  }
}
await catalogue.close();
process.disconnect();
