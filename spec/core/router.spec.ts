import {expect} from 'chai';
import type {DownloadView} from '../../src/core/contract.js';
import {Event, type ErrorEvent, type SentEvent} from '../../src/core/event.js';
import {EventRouter} from '../../src/core/router.js';

const sent = (): SentEvent => ({name: 'sent', download: {} as DownloadView, attempt: 1, offset: 0, url: 'http://h/'});

/** Settles in a later turn of the event loop, so that whoever doesn't wait is seen. */
const later = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

describe('EventRouter', () => {
  it('tells observers first, then handlers, each in the order of registration', async () => {
    const router = new EventRouter();
    const told: string[] = [];
    router.register(Event.SENT, () => { told.push('handler 1'); });
    router.register(Event.SENT, () => { told.push('observer 1'); }, {observe: true});
    router.register(Event.SENT, () => { told.push('handler 2'); }, {observe: false});
    router.register(Event.SENT, () => { told.push('observer 2'); }, {observe: true});
    router.register(Event.REPLIED, () => { told.push('another event'); });
    await router.tell(sent());
    expect(told).to.deep.equal(['observer 1', 'observer 2', 'handler 1', 'handler 2']);
  });

  it('awaits promises one after the other, observers among themselves too', async () => {
    const router = new EventRouter();
    const told: string[] = [];
    const slow = (name: string) => async () => {
      told.push(`${name} begins`);
      await later();
      told.push(`${name} ends`);
    };
    router.register(Event.SENT, slow('handler 1'));
    router.register(Event.SENT, slow('handler 2'));
    router.register(Event.SENT, slow('observer 1'), {observe: true});
    router.register(Event.SENT, () => { told.push('observer 2'); }, {observe: true});
    router.register(Event.SENT, slow('observer 3'), {observe: true});
    await router.tell(sent());
    expect(told).to.deep.equal(['observer 1 begins', 'observer 1 ends', 'observer 2', 'observer 3 begins', 'observer 3 ends',
      'handler 1 begins', 'handler 1 ends', 'handler 2 begins', 'handler 2 ends']);
  });

  it('gives no promise when nobody made one, nor when nobody listens', () => {
    const router = new EventRouter();
    expect(router.tell(sent())).to.equal(undefined);
    router.register(Event.SENT, () => undefined);
    router.register(Event.SENT, () => undefined, {observe: true});
    expect(router.tell(sent())).to.equal(undefined);
  });

  it('waits for a thenable of another library', async () => {
    const router = new EventRouter();
    const told: string[] = [];
    const thenable = {then: (resolve: () => void): void => { setImmediate(() => { told.push('thenable'); resolve(); }); }};
    router.register(Event.SENT, () => thenable as unknown as Promise<void>);
    router.register(Event.SENT, () => { told.push('next'); });
    await router.tell(sent());
    expect(told).to.deep.equal(['thenable', 'next']);
  });

  describe('when one throws', () => {
    it('runs every observer, then throws the first fault and leaves the handlers out', async () => {
      for (const how of ['sync', 'async'] as const) {
        const router = new EventRouter();
        const told: string[] = [];
        const fail = (name: string) => (): void | Promise<void> => {
          told.push(name);
          if (how === 'async') return later().then(() => { throw new Error(name); });
          throw new Error(name);
        };
        router.register(Event.SENT, fail('observer 1'), {observe: true});
        router.register(Event.SENT, fail('observer 2'), {observe: true});
        router.register(Event.SENT, () => { told.push('observer 3'); }, {observe: true});
        router.register(Event.SENT, () => { told.push('handler'); });
        const error = await faultOf(() => router.tell(sent()));
        expect([how, (error as Error).message, told]).to.deep.equal([how, 'observer 1', ['observer 1', 'observer 2', 'observer 3']]);
      }
    });

    it('stops at the first handler that throws', async () => {
      const router = new EventRouter();
      const told: string[] = [];
      router.register(Event.SENT, async () => { await later(); throw new Error('handler 1'); });
      router.register(Event.SENT, () => { told.push('handler 2'); });
      expect(await faultOf(() => router.tell(sent()))).to.have.property('message', 'handler 1');
      expect(told).to.deep.equal([]);
    });

    it('tells everybody with tellAll and collects the faults in order', async () => {
      const router = new EventRouter();
      const told: string[] = [];
      router.register(Event.SENT, async () => { await later(); throw new Error('handler 1'); });
      router.register(Event.SENT, () => { told.push('handler 2'); });
      router.register(Event.SENT, () => { throw new Error('observer'); }, {observe: true});
      const faults = await router.tellAll(sent());
      expect(faults.map((fault) => (fault as Error).message)).to.deep.equal(['observer', 'handler 1']);
      expect(told).to.deep.equal(['handler 2']);
      expect(await new EventRouter().tellAll(sent())).to.deep.equal([]);
    });
  });

  it('ends the round of handlers, never that of observers, when `until` says so', async () => {
    const router = new EventRouter();
    const told: string[] = [];
    const event = {name: 'error', repaired: false} as ErrorEvent;
    router.register(Event.ERROR, () => { told.push('handler 1'); });
    router.register(Event.ERROR, async (fault) => { await later(); told.push('handler 2'); fault.repaired = true; });
    router.register(Event.ERROR, () => { told.push('handler 3'); });
    router.register(Event.ERROR, () => { told.push('observer 1'); }, {observe: true});
    router.register(Event.ERROR, () => { told.push('observer 2'); }, {observe: true});
    await router.tell(event, () => event.repaired);
    await router.tell(event, () => true);
    expect(told).to.deep.equal(['observer 1', 'observer 2', 'handler 1', 'handler 2', 'observer 1', 'observer 2']);
  });

  it('gives observers a frozen event and handlers the one that they may change', async () => {
    const router = new EventRouter();
    const event = {name: 'error', repaired: false, delay: 0} as ErrorEvent;
    const seen: unknown[] = [];
    router.register(Event.ERROR, (fault) => { seen.push(Object.isFrozen(fault)); }, {observe: true});
    router.register(Event.ERROR, (fault) => { seen.push(fault === event); });
    await router.tell(event);
    await router.tellAll(event);
    expect(seen).to.deep.equal([true, true, true, true]);
    router.register(Event.ERROR, (fault) => { fault.repaired = true; }, {observe: true});
    expect(await faultOf(() => router.tell(event))).to.be.instanceOf(TypeError);
    expect(event.repaired).to.equal(false);
  });

  it('unregisters one registration, even of a function that is registered twice, and any number of times', async () => {
    const router = new EventRouter();
    let told = 0;
    const handler = (): void => { told++; };
    const first = router.register(Event.SENT, handler);
    router.register(Event.SENT, handler);
    first();
    first();
    await router.tell(sent());
    expect(told).to.equal(1);
  });

  it('knows whether anybody listens', () => {
    const router = new EventRouter();
    expect(router.has(Event.SENT)).to.equal(false);
    const unregister = [router.register(Event.SENT, () => undefined), router.register(Event.REPLIED, () => undefined, {observe: true})];
    expect([router.has(Event.SENT), router.has(Event.REPLIED), router.has(Event.FETCHED)]).to.deep.equal([true, true, false]);
    for (const leave of unregister) leave();
    expect([router.has(Event.SENT), router.has(Event.REPLIED)]).to.deep.equal([false, false]);
    router.register(Event.SENT, () => undefined);
    router.clear();
    expect(router.has(Event.SENT)).to.equal(false);
  });

  it('refuses unknown events and handlers that are no functions', () => {
    const router = new EventRouter();
    expect(() => router.register('send' as 'sent', () => undefined)).to.throw(TypeError, 'event: expected one of prepared, sent, replied');
    expect(() => router.register('sent', undefined as unknown as () => void))
      .to.throw(TypeError, 'handler: expected a function, got undefined');
  });
});

async function faultOf(act: () => void | Promise<void>): Promise<unknown> {
  try {
    await act();
    return undefined;
  } catch (error) {
    return error;
  }
}
