import {expect} from 'chai';
import {NotFound} from '../../src/core/errors.js';
import {DownloadPosition} from '../../src/monitor/download-position.js';
import {Watched} from './watched.js';

interface Watch {
  readonly download: Watched;
  readonly position: DownloadPosition;
  readonly told: string[];
}

function watch(): Watch {
  const download = new Watched();
  const told: string[] = [];
  const position: DownloadPosition = new DownloadPosition(download, (notice, bytes) => {
    told.push(`${notice} ${bytes} at ${position.bytes} ${position.state}`);
  });
  return {download, position, told};
}

describe('DownloadPosition', () => {
  it('follows a download from its first request to its end', () => {
    const {download, position, told} = watch();
    download.sent();
    download.replied(10);
    download.fetched(4, 0);
    download.fetched(6, 4);
    download.succeeded(10);
    expect(told).to.deep.equal(['changed 0 at 0 sent', 'changed 0 at 0 fetching', 'advanced 4 at 4 fetching', 'advanced 6 at 10 fetching',
      'changed 0 at 10 succeeded']);
    expect(position).to.include({bytes: 10, total: 10, percent: 100, rewinds: 0, over: true});
  });

  it('tells a rewind once when an attempt starts again at a lower offset', () => {
    const {download, position, told} = watch();
    download.sent();
    download.replied(10);
    download.fetched(6, 0);
    download.erred();
    download.sent();
    download.replied(10);
    download.fetched(2, 0);
    expect(told.slice(3)).to.deep.equal(
      ['changed 0 at 6 waiting', 'rewound 0 at 0 waiting', 'changed 0 at 0 sent', 'changed 0 at 0 fetching', 'advanced 2 at 2 fetching']);
    expect(position.rewinds).to.equal(1);
  });

  it('tells no rewind when an attempt continues where the last one ended', () => {
    const {download, position} = watch();
    download.fetched(6, 0);
    download.erred();
    download.sent(6);
    download.replied(4, 6);
    download.fetched(4, 6);
    expect(position).to.include({bytes: 10, total: 10, percent: 100, rewinds: 0});
  });

  it('rewinds at the reply when the server does not continue', () => {
    const {download, position} = watch();
    download.fetched(6, 0);
    download.sent(6);
    expect(position.rewinds).to.equal(0);
    download.replied(10, 0);
    expect(position).to.include({bytes: 0, total: 10, rewinds: 1});
  });

  it('does not take the length of an error page for that of the file', () => {
    const {download, position} = watch();
    download.sent();
    download.replied(321, 0, new NotFound('404', {status: 404}));
    expect(position).to.include({state: 'sent', total: undefined});
  });

  it('forgets the total of an attempt when the next one announces none', () => {
    const {download, position} = watch();
    download.replied(10);
    download.replied();
    expect(position).to.include({total: undefined, percent: undefined});
  });

  it('never passes 100 %, and an empty file is done only at its end', () => {
    const {download, position} = watch();
    download.replied(10);
    download.fetched(15, 0);
    expect(position.percent).to.equal(100);
    const empty = watch();
    empty.download.replied(0);
    expect(empty.position.percent).to.equal(0);
    empty.download.succeeded(0);
    expect(empty.position.percent).to.equal(100);
  });

  it('knows the size of what was there already', () => {
    const {download, position} = watch();
    download.succeeded(50);
    expect(position).to.include({bytes: 50, total: 50, percent: 100, state: 'succeeded', rewinds: 0});
  });

  it('keeps what a failed download had, and listens no longer once it is over', () => {
    const {download, position} = watch();
    download.replied(10);
    download.fetched(3, 0);
    download.failed();
    expect(position).to.include({bytes: 3, total: 10, percent: 30, state: 'failed', over: true});
    expect(download.heard).to.equal(false);
  });

  it('counts pieces that come in any order, and goes back only for a bad one', () => {
    const {download, position, told} = watch();
    download.sent();
    download.scattered(100, 0);
    download.fetchedPart(10, 50, 10);
    download.fetchedPart(10, 0, 20);
    download.fetchedPart(5, 60, 25);
    expect(position).to.include({bytes: 25, total: 100, percent: 25, rewinds: 0});
    // The piece at byte 50 was bad.
    download.fetchedPart(2, 10, 12);
    expect(position).to.include({bytes: 12, rewinds: 1});
    expect(told.slice(-2)).to.deep.equal(['rewound 0 at 10 fetching', 'advanced 2 at 12 fetching']);
  });

  it('keeps the pieces that stay from one attempt to the next', () => {
    const {download, position} = watch();
    download.scattered(100, 0);
    download.fetchedPart(40, 60, 40);
    download.erred();
    download.sent();
    expect(position).to.include({bytes: 40, rewinds: 0});
    download.scattered(100, 40);
    download.fetchedPart(10, 0, 50);
    expect(position).to.include({bytes: 50, rewinds: 0});
    download.erred();
    download.sent();
    download.replied(100);
    expect(position).to.include({bytes: 0, rewinds: 1});
  });

  it('leaves at once when told, any number of times', () => {
    const {download, position, told} = watch();
    expect(download.heard).to.equal(true);
    position.leave();
    position.leave();
    download.sent();
    expect([download.heard, told]).to.deep.equal([false, []]);
  });
});
