import {setTimeout as sleep} from 'node:timers/promises';
import {CatalogueClient} from '../../../src/catalogue/client/catalogue-client.js';
import type {Catalogue} from '../../../src/catalogue/catalogue.js';
import type {Fact} from '../../../src/catalogue/contract.js';
import {noRetry} from '../../../src/policy/retry-policy.js';
import {SeededRandom} from '../../support/seeded-random.js';
import {ServerProcess, type Place} from './server-process.js';
import {partial, PRODUCT} from '../facts.js';

/** Some facts that are written together. */
export interface SentBatch {
  readonly id: string;
  readonly facts: readonly Fact[];
  /** The server said that it is written. */
  readonly acknowledged: boolean;
}

/** How much of a batch is there. */
export type Found = 'whole' | 'absent' | 'half';

const CLIENTS = 8;
/** Each batch is all or nothing, over several parts. */
const PATHS = ['/linux/de', '/linux/fr', '/win/de'];
const RELEASE = 'r';

/** Clients send batches to a server without a pause until it is killed, at a random moment; resolves to all that they sent. */
export async function killUnderLoad(place: Place, seed: number): Promise<SentBatch[]> {
  const random = new SeededRandom(seed);
  const server = new ServerProcess(place);
  await server.start();
  const sent: SentBatch[] = [];
  let killed = false;
  const work = async (client: number): Promise<void> => {
    // Nothing is repeated, so that what was under way stays unknown.
    await using catalogue = new CatalogueClient({url: server.url, retry: noRetry()});
    for (let n = 0; !killed; n++) {
      const id = `${seed}-${client}-${n}`;
      const facts = PATHS.map((path) => partial(path, id));
      const writing = catalogue.publish(RELEASE, facts, {actor: 'elmer', requestId: id, create: PRODUCT});
      const acknowledged = await writing.then(() => true, () => false);
      sent.push({id, facts, acknowledged});
      if (!acknowledged) return;
    }
  };
  const working = Array.from({length: CLIENTS}, (_, client) => work(client));
  while (sent.length < CLIENTS) await sleep(5);
  // A real moment of a real process.
  await sleep(random.next() * 150);
  killed = true;
  await server.kill();
  await Promise.all(working);
  return sent;
}

/** What of a batch the catalogue has. */
export async function foundOf(catalogue: Catalogue, {id, facts}: SentBatch): Promise<Found> {
  const {parts} = await catalogue.get(RELEASE);
  const there = facts.filter(({path}) => {
    const document = parts.find((part) => part.path === path)?.document;
    return (document?.partials as {from: string}[] | undefined)?.some(({from}) => from === id) === true;
  });
  return there.length === facts.length ? 'whole' : there.length === 0 ? 'absent' : 'half';
}

/** Sends a batch again, with the same request id; resolves to whether it was known. */
export async function again(catalogue: Catalogue, {id, facts}: SentBatch): Promise<boolean> {
  return (await catalogue.publish(RELEASE, facts, {actor: 'elmer', requestId: id, create: PRODUCT})).replayed;
}
