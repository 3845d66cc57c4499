import {expect} from 'chai';
import {Overloaded, RequestReused, StoreFault, UnknownRelease, type CatalogueError} from '../../../src/catalogue/catalogue-errors.js';
import {ForeignAnswer, RequestRefused, ServerBusy, TokenUnavailable, Unreachable} from '../../../src/catalogue/client/client-errors.js';
import {isPassing} from '../../../src/catalogue/client/passing-fault.js';
import {rejection} from '../../support/rejection.js';
import {ELMER, partial, PRODUCT} from '../facts.js';
import {useOutboxStage} from './outbox-stage.js';

const FACTS = [partial('/a', 'r1')];

describe('Outbox', () => {
  const stage = useOutboxStage();
  const away = 5000;

  it('publishes at once while the catalogue is there, and keeps nothing', async () => {
    const outbox = await stage.open();
    const {outcome, requestId} = await outbox.publish('r', FACTS, {...ELMER, create: PRODUCT});
    expect([outcome, requestId]).to.deep.equal(['published', 'n1']);
    expect(stage.catalogue.done).to.deep.equal([{name: 'r', facts: FACTS, actor: 'elmer', requestId: 'n1', create: PRODUCT, perItem: undefined}]);
    expect((await stage.folder.read('outbox.jsonl')).toString()).to.equal('{"jupiter":1,"kind":"outbox"}\n');
    expect(await outbox.send()).to.deep.equal({sent: 0, refused: 0, left: 0});
  });

  it('keeps what can\'t be published, and sends it once later, under the same id', async () => {
    const outbox = await stage.open();
    stage.catalogue.away = true;
    const facts = [{...FACTS[0]!}];
    const publishing = outbox.publish('r', facts, {...ELMER, create: PRODUCT});
    Object.assign(facts[0]!, {size: 99});
    expect(await publishing).to.deep.include({outcome: 'queued', requestId: 'n1'}).and.to.have.nested.property('reason.code', 'UNREACHABLE');
    expect(await outbox.send()).to.include({sent: 0, left: 1}).and.to.have.nested.property('fault.code', 'UNREACHABLE');
    stage.catalogue.away = false;
    expect(await outbox.send()).to.deep.equal({sent: 1, refused: 0, left: 0});
    expect(await outbox.send()).to.deep.equal({sent: 0, refused: 0, left: 0});
    expect(stage.catalogue.asked.map(({requestId}) => requestId)).to.deep.equal(['n1', 'n1', 'n1']);
    expect(stage.catalogue.done).to.deep.equal([{name: 'r', facts: FACTS, actor: 'elmer', requestId: 'n1', create: PRODUCT, perItem: undefined}]);
    expect(await stage.folder.list()).to.deep.equal(['outbox.jsonl']);
  });

  it('leaves a catalogue alone for a while that was away', async () => {
    const outbox = await stage.open();
    stage.catalogue.away = true;
    for (const name of ['r1', 'r2', 'r3']) await outbox.publish(name, FACTS, ELMER);
    expect(stage.catalogue.asked).to.have.length(1);
    await stage.clock.advance(2501);
    await outbox.publish('r4', FACTS, ELMER);
    expect(stage.catalogue.asked.map(({name}) => name)).to.deep.equal(['r1', 'r4']);
    await stage.clock.advance(2501);
    await outbox.publish('r5', FACTS, ELMER);
    expect(stage.catalogue.asked).to.have.length(2);
    expect((await outbox.pending()).map(({name}) => name)).to.deep.equal(['r1', 'r2', 'r3', 'r4', 'r5']);
  });

  it('never lets a publication overtake another one of its release', async () => {
    const outbox = await stage.open();
    stage.catalogue.away = true;
    await outbox.publish('r', FACTS, ELMER);
    await outbox.publish('r', FACTS, ELMER);
    await stage.clock.advance(away);
    stage.catalogue.away = false;
    expect(await outbox.publish('other', FACTS, ELMER)).to.include({outcome: 'published'});
    expect(await outbox.publish('r', FACTS, ELMER)).to.include({outcome: 'published'});
    expect(stage.catalogue.ids).to.deep.equal(['n3', 'n1', 'n2', 'n4']);
    stage.catalogue.away = true;
    await outbox.publish('r', FACTS, ELMER);
    await stage.clock.advance(2 * away);
    expect(await outbox.publish('r', FACTS, ELMER)).to.deep.equal({outcome: 'queued', requestId: 'n6', reason: undefined});
    expect(await outbox.pending()).to.have.length(2);
  });

  it('sets aside what is refused for good, with the reason, and goes on with the others', async () => {
    const outbox = await stage.open();
    stage.catalogue.away = true;
    for (const name of ['r1', 'bad', 'r1', 'misused', 'r2']) await outbox.publish(name, FACTS, ELMER);
    stage.catalogue.away = false;
    const refusals = new Map([['bad', new UnknownRelease('bad')], ['misused', new TypeError('schema: a number')]]);
    stage.catalogue.refuse = ({name}) => refusals.get(name);
    expect(await outbox.send()).to.deep.equal({sent: 3, refused: 2, left: 0});
    expect(stage.catalogue.ids).to.deep.equal(['n1', 'n3', 'n5']);
    expect((await outbox.refused()).map(({id, name, code, message}) => [id, name, code, message])).to.deep.equal([
      ['n2', 'bad', 'UNKNOWN_RELEASE', 'no release "bad"'], ['n4', 'misused', 'MISUSE', 'schema: a number']]);
    expect(await outbox.send()).to.deep.equal({sent: 0, refused: 0, left: 0});

    stage.catalogue.refuse = undefined;
    await outbox.retry('n2');
    await outbox.drop('n4');
    expect(await rejection(outbox.retry('n2'))).to.be.instanceOf(RangeError);
    expect(await (await stage.open()).send()).to.deep.equal({sent: 1, refused: 0, left: 0});
    expect([stage.catalogue.ids.at(-1), await outbox.refused()]).to.deep.equal(['n2', []]);
  });

  it('sets aside a publication of which single facts were refused', async () => {
    const outbox = await stage.open();
    stage.catalogue.away = true;
    await outbox.publish('r', [...FACTS, ...FACTS], {...ELMER, perItem: true});
    stage.catalogue.away = false;
    stage.catalogue.answer = {items: [{index: 0, outcome: 'added'}, {index: 1, outcome: 'refused', code: 'MERGE_CONFLICT', message: 'taken'}]};
    expect(await outbox.send()).to.include({refused: 1});
    expect((await outbox.refused())[0]).to.include({code: 'MERGE_CONFLICT', message: '1 of 2 facts, the first: taken'});
  });

  it('tells its caller at once what is refused for good, and keeps none of it', async () => {
    const outbox = await stage.open();
    stage.catalogue.refuse = () => new RequestRefused('no scope', 403, 'FORBIDDEN');
    expect(await rejection(outbox.publish('r', FACTS, ELMER))).to.include({code: 'FORBIDDEN'});
    expect([await outbox.pending(), await outbox.refused()]).to.deep.equal([[], []]);
  });

  it('knows which faults pass', () => {
    const passing: [CatalogueError, boolean][] = [
      [new Unreachable('gone', true), true], [new ServerBusy('busy', 1), true], [new ForeignAnswer('portal', 200), true],
      [new TokenUnavailable('none'), true], [new Overloaded('locked', 1), true], [new StoreFault('broken'), true],
      [new RequestReused('used'), false], [new UnknownRelease('r'), false],
      ...([[400, false], [401, true], [403, false], [404, true], [413, false], [421, true], [500, true]] as const)
        .map(([status, passes]): [CatalogueError, boolean] => [new RequestRefused('no', status, 'INTERNAL'), passes]),
    ];
    expect(passing.map(([error]) => isPassing(error))).to.deep.equal(passing.map(([, passes]) => passes));
  });

  it('keeps sending until it is told to stop', async () => {
    const outbox = await stage.open();
    stage.catalogue.away = true;
    await outbox.publish('r', FACTS, ELMER);
    const stop = new AbortController();
    stage.catalogue.away = false;
    stage.catalogue.meanwhile = async () => { if (stage.catalogue.asked.length > 3) setImmediate(() => { stop.abort(); }); };
    stage.catalogue.refuse = () => stage.catalogue.asked.length > 3 ? undefined : new Unreachable('away', false);
    await outbox.keepSending({signal: stop.signal, every: 1000});
    expect(stage.catalogue.ids).to.deep.equal(['n1']);
    expect(stage.clock.waits.slice(0, 2)).to.deep.equal([5000, 10_000]);
  });

  it('lets one of several send, and the others say who does', async () => {
    const [one, two] = [await stage.open(), await stage.open()];
    stage.catalogue.away = true;
    await one.publish('r', FACTS, ELMER);
    await two.publish('r', FACTS, ELMER);
    stage.catalogue.away = false;
    let elsewhere: string | undefined;
    stage.catalogue.meanwhile = async () => { ({elsewhere} = await two.send()); };
    expect(await one.send()).to.deep.equal({sent: 2, refused: 0, left: 0});
    expect(elsewhere).to.equal(`the sending of the outbox ${stage.path} is in use by process ${process.pid}, which runs`);
    expect(stage.catalogue.asked.map(({requestId}) => requestId)).to.deep.equal(['n1', 'n1', 'n1', 'n2']);
  });

  it('forgets what was sent, and keeps what was set aside', async () => {
    const outbox = await stage.open();
    stage.catalogue.away = true;
    for (let n = 0; n < 100; n++) await outbox.publish(n === 7 ? 'bad' : 'r', FACTS, ELMER);
    const full = (await stage.folder.read('outbox.jsonl')).length;
    stage.catalogue.away = false;
    stage.catalogue.refuse = ({name}) => name === 'bad' ? new UnknownRelease('bad') : undefined;
    expect(await outbox.send()).to.deep.equal({sent: 99, refused: 1, left: 0});
    const lines = (await stage.folder.read('outbox.jsonl')).toString().trimEnd().split('\n');
    expect([lines.length, full > 20_000]).to.deep.equal([3, true]);
    expect((await (await stage.open()).refused()).map(({id}) => id)).to.deep.equal(['n8']);
  });

  it('lets a caller leave who waits for a sending, without ending that of others', async () => {
    const outbox = await stage.open();
    stage.catalogue.away = true;
    await outbox.publish('r', FACTS, ELMER);
    await outbox.publish('r', FACTS, ELMER);
    stage.catalogue.away = false;
    await stage.clock.advance(away);
    const left = new AbortController();
    let free = (): void => undefined;
    stage.catalogue.meanwhile = () => left.signal.aborted ? Promise.resolve() : new Promise<void>((resolve) => {
      free = resolve;
      left.abort(new Error('enough'));
    });
    const [leaving, staying] = [rejection(outbox.publish('r', FACTS, {...ELMER, signal: left.signal})), outbox.send()];
    expect(await leaving).to.include({message: 'enough'});
    free();
    expect(await staying).to.include({sent: 2, left: 0});
  });

  it('refuses options by name, a file of another kind, and more than it may hold', async () => {
    for (const options of [{path: ''}, {catalogue: {}}, {more: 1}]) {
      expect(await rejection(stage.open(options as object))).to.be.instanceOf(TypeError);
    }
    await stage.folder.write('notes.txt', 'dear diary\n');
    expect(await rejection(stage.open({path: stage.folder.join('notes.txt')}))).to.be.instanceOf(TypeError);
    expect((await stage.folder.read('notes.txt')).toString()).to.equal('dear diary\n');
    expect(await rejection(stage.open({path: stage.folder.join('none', 'outbox')}))).to.include({code: 'OUTBOX_FAULT'});
    const outbox = await stage.open({maxBytes: 600});
    stage.catalogue.away = true;
    await outbox.publish('r', FACTS, ELMER);
    expect(await rejection(outbox.publish('r', FACTS, ELMER))).to.include({code: 'OUTBOX_FULL'});
    stage.catalogue.away = false;
    expect(await outbox.send()).to.include({sent: 1, left: 0});
  });
});
