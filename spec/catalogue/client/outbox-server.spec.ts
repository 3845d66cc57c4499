import {expect} from 'chai';
import {Outbox} from '../../../src/catalogue/client/outbox.js';
import type {Fact} from '../../../src/catalogue/contract.js';
import type {CatalogueServerOptions} from '../../../src/catalogue/server/server-options.js';
import {useTempFolder} from '../../../src/testing/index.js';
import {ELMER, partial, PRODUCT} from '../facts.js';
import {useServedCatalogue} from './served-catalogue.js';

type App = Parameters<NonNullable<CatalogueServerOptions['extend']>>[0];
const NEW = {...ELMER, create: PRODUCT} as const;
const fact = (n: number): Fact => partial('/a', `r${n}`);

describe('Outbox before a server', () => {
  const served = useServedCatalogue();
  const folder = useTempFolder();
  const open = (): Promise<Outbox> =>
    Outbox.open({path: folder.join('outbox.jsonl'), catalogue: served.client(), clock: served.clock, random: () => 0.5});
  const froms = async (): Promise<unknown[]> => {
    const {document} = await served.catalogue.getPart('r', '/a');
    return (document.partials as {from: string}[]).map(({from}) => from);
  };

  it('brings in what was published while the server was stopped, once and in order, also by another process', async () => {
    const first = await open();
    await first.publish('r', [fact(1)], NEW);
    await served.stop();
    expect(await first.publish('r', [fact(2)], ELMER)).to.include({outcome: 'queued'});
    expect(await first.publish('r', [fact(3)], ELMER)).to.include({outcome: 'queued'});
    // As after a kill: nobody closes the first one.
    const second = await open();
    expect((await second.send()).fault).to.include({code: 'UNREACHABLE'});
    await served.start();
    expect(await second.send()).to.deep.equal({sent: 2, refused: 0, left: 0});
    expect(await froms()).to.deep.equal(['r1', 'r2', 'r3']);
    expect(await served.catalogue.history('r', {path: '/a'})).to.have.length(3);
  });

  it('does once what the server did before it was cut off', async () => {
    let cut = 5;
    await served.start(undefined, {unauthenticated: true, extend: (app: App) => {
      app.addHook('onSend', async (request) => { if (cut-- > 0) request.raw.socket.destroy(); });
    }});
    const outbox = await open();
    const {outcome, requestId} = await outbox.publish('r', [fact(1)], NEW);
    expect([outcome, (await outbox.pending()).map(({id}) => id)]).to.deep.equal(['queued', [requestId]]);
    expect(await outbox.send()).to.include({sent: 1, left: 0});
    expect(await served.catalogue.changes()).to.have.length(2);
    expect((await served.catalogue.changes()).map((change) => change.requestId)).to.deep.equal([requestId, requestId]);
  });

  it('sets aside what contradicts the catalogue, and shows the reason', async () => {
    const outbox = await open();
    await served.catalogue.publish('r', [partial('/a', 'r1', 'b')], NEW);
    await served.stop();
    await outbox.publish('r', [fact(1)], ELMER);
    await outbox.publish('r', [fact(2)], ELMER);
    await outbox.publish('s', [{...fact(3), digest: 'short'}], NEW);
    await served.start();
    expect(await outbox.send()).to.deep.equal({sent: 1, refused: 2, left: 0});
    expect((await outbox.refused()).map(({code, message}) => `${code} ${message.split(': expected', 1)[0] ?? ''}`)).to.deep.equal([
      'MERGE_CONFLICT /a already has /partials/r1 with other content', 'INVALID_FACT fact 0: digest',
    ]);
    expect(await froms()).to.deep.equal(['r1', 'r2']);
  });
});
