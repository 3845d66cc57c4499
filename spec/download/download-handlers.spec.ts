import {expect} from 'chai';
import {Context} from '../../src/core/context.js';
import {Event, type EventName} from '../../src/core/event.js';
import {HandlerError, Interrupted, NotFound} from '../../src/core/errors.js';
import {StandardRetryPolicy} from '../../src/policy/retry-policy.js';
import {EventLog} from '../../src/testing/event-log.js';
import {FakeDownload} from '../../src/testing/fake-download.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {RecordingWriter} from '../../src/testing/recording-writer.js';
import {TestClock} from '../../src/testing/test-clock.js';

const cut = (): Interrupted => new Interrupted('cut', 5, 2);
const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

describe('Download: handlers', () => {
  let context: Context;
  beforeEach(() => { context = new Context({clock: new TestClock({autoAdvance: true}), random: () => 0.5}); });
  afterEach(() => context.close());

  it('awaits handlers in the order of registration, observers first', async () => {
    const download = new FakeDownload({context});
    const order: string[] = [];
    const slow = (name: string) => async (): Promise<void> => {
      order.push(`${name} begins`);
      await turn();
      order.push(`${name} ends`);
    };
    download.register(Event.SENT, slow('first'));
    download.register(Event.SENT, () => { order.push('second'); });
    download.register(Event.SENT, slow('observer'), {observe: true});
    download.register(Event.REPLIED, () => { order.push('replied'); });
    await download.run();
    expect(order).to.deep.equal(['observer begins', 'observer ends', 'first begins', 'first ends', 'second', 'replied']);
  });

  it('lets PREPARED handlers run downloads of the same Context, for no permit is held', async () => {
    const tight = new Context({limits: {total: 1}});
    const download = new FakeDownload({context: tight});
    download.register(Event.PREPARED, async () => { await new FakeDownload({context: tight}).run(); });
    expect((await download.run()).outcome).to.equal('fetched');
    await tight.close();
  });

  it('lets ERROR handlers run downloads of the same Context, for no permit is held', async () => {
    const tight = new Context({limits: {total: 1}});
    const download = new FakeDownload({context: tight, script: [cut(), ['hello']]});
    download.register(Event.ERROR, async (event) => {
      await new FakeDownload({context: tight}).run();
      event.repaired = true;
    });
    expect((await download.run()).outcome).to.equal('fetched');
    await tight.close();
  });

  it('asks repairers in order until one sets repaired; observers hear every ERROR', async () => {
    const download = new FakeDownload({context, script: [cut(), ['hello']]});
    const asked: string[] = [];
    download.register(Event.ERROR, () => { asked.push('first'); });
    download.register(Event.ERROR, (event) => {
      asked.push('second');
      event.repaired = true;
    });
    download.register(Event.ERROR, () => { asked.push('third'); });
    download.register(Event.ERROR, () => { asked.push('observer'); }, {observe: true});
    await download.run();
    expect(asked).to.deep.equal(['observer', 'first', 'second']);
  });

  it('asks no repairer when onError has repaired, and tells the observers all the same', async () => {
    const asked: string[] = [];
    const hooks = {onError: (event: {repaired: boolean}): void => { event.repaired = true; }};
    const download = new FakeDownload({context, hooks, script: [cut(), ['hello']]});
    download.register(Event.ERROR, () => { asked.push('repairer'); });
    download.register(Event.ERROR, ({repaired}) => { asked.push(`observer ${String(repaired)}`); }, {observe: true});
    await download.run();
    expect(asked).to.deep.equal(['observer true']);
  });

  it('gives observers a copy of ERROR in which nothing can be repaired', async () => {
    const download = new FakeDownload({context, retries: 0, script: [cut()]});
    download.register(Event.ERROR, (event) => { event.repaired = true; }, {observe: true});
    const error = await faultOf(download.run());
    expect(error).to.be.instanceOf(HandlerError);
    expect(error.message).to.match(/read only/);
  });

  it('stops telling a handler that was unregistered', async () => {
    const download = new FakeDownload({context, script: [cut(), ['hello']]});
    let told = 0;
    const unregister = download.register(Event.SENT, () => {
      told++;
      unregister();
    });
    await download.run();
    expect(told).to.equal(1);
  });

  it('refuses an unknown event and what is no function', () => {
    const download = new FakeDownload();
    expect(() => download.register('started' as EventName, () => undefined)).to.throw(TypeError, 'event');
    expect(() => download.register(Event.SENT, 'log' as never)).to.throw(TypeError, 'handler');
    expect(() => download.register(Event.FAILED, undefined as never)).to.throw(TypeError, 'handler');
  });

  const stories: Readonly<Record<string, string[]>> = {
    prepared: ['prepared', 'failed HANDLER_FAILED'],
    sent: ['prepared', 'sent 1 @0', 'error 1 HANDLER_FAILED', 'failed HANDLER_FAILED'],
    replied: ['prepared', 'sent 1 @0', 'replied 1 200', 'error 1 HANDLER_FAILED', 'failed HANDLER_FAILED'],
    fetched: ['prepared', 'sent 1 @0', 'replied 1 200', 'fetched 1 @0+5', 'error 1 HANDLER_FAILED', 'failed HANDLER_FAILED'],
    error: ['prepared', 'sent 1 @0', 'replied 1 200', 'fetched 1 @0+5', 'error 1 INTERRUPTED', 'failed HANDLER_FAILED'],
  };
  for (const [name, story] of Object.entries(stories)) {
    for (const how of ['throws', 'rejects']) {
      it(`fails the run with HandlerError when a handler of ${name} ${how}, and nobody repairs that`, async () => {
        const writer = new RecordingWriter();
        const download = new FakeDownload({context, writer, script: [['hello', ...name === 'error' ? [cut()] : []]]});
        const log = new EventLog(download);
        const bug = new RangeError('a bug');
        download.register(name as EventName, () => {
          if (how === 'rejects') return Promise.reject(bug);
          throw bug;
        });
        download.register(Event.ERROR, (event) => { event.repaired = true; });
        const error = await faultOf(download.run());
        expect(log.lines).to.deep.equal(story);
        expect(error).to.be.instanceOf(HandlerError).with.property('event', name);
        expect(error.cause).to.include({name: 'RangeError', message: 'a bug'});
        expect(writer.calls.at(-1)).to.equal('discard HANDLER_FAILED');
      });
    }

    it(`passes a DownloadError thrown by a handler of ${name} unchanged, and nobody repairs that`, async () => {
      const download = new FakeDownload({context, script: [['hello', ...name === 'error' ? [cut()] : []]]});
      const mine = new NotFound('mine', {status: 404});
      download.register(name as EventName, () => { throw mine; });
      download.register(Event.ERROR, (event) => { event.repaired = true; });
      expect(await faultOf(download.run())).to.equal(mine);
    });
  }

  it('fails the run with HandlerError when prepare(), onError(), settings or the policy throws', async () => {
    const bug = (): never => { throw new RangeError('a bug'); };
    const policy = new (class extends StandardRetryPolicy {
      override decide = bug;
    })();
    const errors = [
      await faultOf(new FakeDownload({context, hooks: {check: bug}}).run()),
      await faultOf(new FakeDownload({context, hooks: {prepare: bug}}).run()),
      await faultOf(new FakeDownload({context, hooks: {onError: bug}, script: [cut()]}).run()),
      await faultOf(new FakeDownload({context, retry: policy, script: [cut()]}).run()),
    ];
    expect(errors.map((error) => (error as HandlerError).event)).to.deep.equal(['settings', 'prepare', 'onError', 'run']);
  });

  it('turns what handlers of SUCCEEDED throw into warnings, and hears the others', async () => {
    const download = new FakeDownload({context});
    const told: string[] = [];
    download.register(Event.SUCCEEDED, () => { throw new Error('first'); });
    download.register(Event.SUCCEEDED, () => Promise.reject(new Error('second')));
    download.register(Event.SUCCEEDED, () => { told.push('third'); });
    const {outcome, warnings} = await download.run();
    expect({outcome, told, warnings: warnings.map(({code, message}) => `${code} ${message}`)}).to.deep.equal({
      outcome: 'fetched', told: ['third'], warnings: ['HANDLER_FAILED succeeded: first', 'HANDLER_FAILED succeeded: second'],
    });
  });

  it('adds what handlers of FAILED and the discard throw to `suppressed`; the fault stays what it was', async () => {
    const writer = new RecordingWriter({before: (call) => { if (call === 'discard') throw new Error('cannot remove'); }});
    const download = new FakeDownload({context, writer, retries: 0, script: [cut()]});
    download.register(Event.FAILED, () => { throw new Error('a bug'); });
    const error = await faultOf(download.run());
    expect(error.code).to.equal('INTERRUPTED');
    expect(error.suppressed.map((one) => (one as Error).message)).to.deep.equal(['the writer failed: cannot remove', 'failed: a bug']);
  });
});
