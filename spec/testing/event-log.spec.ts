import {expect} from 'chai';
import {DownloadFailed, Interrupted} from '../../src/core/errors.js';
import type {EventMap, EventName} from '../../src/core/event.js';
import {EventRouter} from '../../src/core/router.js';
import {EventLog} from '../../src/testing/event-log.js';

describe('EventLog', () => {
  it('writes one line an event and joins neighbouring chunks in the story', async () => {
    const router = new EventRouter();
    const log = new EventLog(router);
    const tell = async (name: EventName, event: object): Promise<void> => {
      await router.tell({name, ...event} as unknown as EventMap[EventName]);
    };
    await tell('prepared', {});
    await tell('sent', {attempt: 1, offset: 0});
    await tell('replied', {attempt: 1, reply: {status: 200}});
    await tell('fetched', {attempt: 1, offset: 0, buffer: Buffer.from('abc')});
    await tell('fetched', {attempt: 1, offset: 3, buffer: Buffer.from('de')});
    await tell('error', {attempt: 1, error: new Interrupted('cut', 9, 5)});
    await tell('fetched', {attempt: 2, offset: 5, buffer: Buffer.from('fghi')});
    await tell('succeeded', {outcome: 'fetched'});
    await tell('failed', {error: new DownloadFailed('x')});
    expect(log.lines).to.deep.equal(['prepared', 'sent 1 @0', 'replied 1 200', 'fetched 1 @0+3', 'fetched 1 @3+2', 'error 1 INTERRUPTED',
      'fetched 2 @5+4', 'succeeded fetched', 'failed DOWNLOAD_FAILED']);
    expect(log.story.slice(3, 6)).to.deep.equal(['fetched 1 @0+5', 'error 1 INTERRUPTED', 'fetched 2 @5+4']);
    expect(log.of('sent')[0]?.attempt).to.equal(1);
    log.detach();
    await tell('prepared', {});
    expect(log.lines).to.have.length(9);
  });
});
