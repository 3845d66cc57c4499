import {expect} from 'chai';
import {inspect} from 'node:util';
import {Context} from '../../src/core/context.js';
import type {DownloadError} from '../../src/core/errors.js';
import {LocationDelegate, type Location, type LocationAsked, type LocationDelegateOptions} from '../../src/delegate/location-delegate.js';
import {HttpDownload, type HttpDownloadOptions} from '../../src/download/http-download.js';
import {noRetry} from '../../src/policy/retry-policy.js';
import {EventLog} from '../../src/testing/event-log.js';
import {faultOf} from '../../src/testing/fault-of.js';
import type {RecordedRequest} from '../../src/testing/scripted-server.js';
import {useWire} from '../support/wire.js';

describe('LocationDelegate', () => {
  const wire = useWire();
  /** Why each location was asked for; the n-th location is `?sig=rabbit-n`. */
  let whys: string[];
  /** The locations that the server takes. */
  let good: (location: number, request: RecordedRequest) => boolean;
  beforeEach(() => {
    whys = [];
    good = () => true;
    wire.server.on('/blob', (request) => {
      const location = Number(/sig=rabbit-(\d+)/.exec(request.path)?.[1] ?? 0);
      return good(location, request) ? {body: 'a file'} : {status: 403};
    });
  });

  const asked = (): string[] => wire.server.requests.map(({path}) => /\d+$/.exec(path)?.[0] ?? path);

  function next(why: LocationAsked): Location {
    whys.push(why.status === undefined ? why.reason : `${why.reason} ${why.status}`);
    return {url: `${wire.server.url('/blob')}?sig=rabbit-${whys.length}`};
  }

  function make(options: Partial<LocationDelegateOptions> = {}, more: Partial<HttpDownloadOptions> = {}): HttpDownload {
    const download = new HttpDownload({url: 'http://repo.invalid/blob', context: wire.context, retry: noRetry(), ...more});
    new LocationDelegate({refresh: (_download, why) => next(why), ...options}).attach(download);
    return download;
  }


  it('asks for a location before the first attempt, once for all downloads of one URL', async () => {
    await Promise.all(Array.from({length: 20}, () => make().run()));
    await make().run();
    expect({whys, asked: asked().length}).to.deep.equal({whys: ['first'], asked: 21});
  });

  it('tells locations of other URLs and other names apart', async () => {
    await make().run();
    await make({}, {url: 'http://repo.invalid/other'}).run();
    await make({name: 'b'}).run();
    expect(whys).to.deep.equal(['first', 'first', 'first']);
  });

  it('asks again when what it has expires within 30 s', async () => {
    const refresh: LocationDelegateOptions['refresh'] = (_download, why) => ({...next(why), expires: wire.clock.time() + 90_000});
    await make({refresh}).run();
    await wire.clock.advance(59_999);
    await make({refresh}).run();
    await wire.clock.advance(1);
    await make({refresh}).run();
    expect({whys, asked: asked()}).to.deep.equal({whys: ['first', 'expired'], asked: ['1', '1', '2']});
  });

  it('uses the download\'s own URL as long as it is good', async () => {
    const url = `${wire.server.url('/blob')}?sig=rabbit-9`;
    await make({expires: new Date(wire.clock.time() + 60_000)}, {url}).run();
    await make({expires: wire.clock.time() + 20_000}, {url}).run();
    expect({whys, asked: asked()}).to.deep.equal({whys: ['expired'], asked: ['9', '1']});
  });

  it('asks once when the server refuses, and repeats uncharged', async () => {
    for (const status of [401, 403, 410]) {
      good = (location) => location > 1;
      wire.server.on('/blob', ({path}) => path.endsWith('-1') ? {status} : {body: 'a file'});
      const own = new Context({clock: wire.clock});
      whys = [];
      const {attempts} = await make({}, {context: own}).run();
      expect(whys).to.deep.equal(['first', `refused ${status}`]);
      expect(attempts.map((one) => one.status)).to.deep.equal([status, 200]);
      await own.close();
    }
  });

  it('asks once for many that are refused together', async () => {
    good = (location) => location > 1;
    await Promise.all(Array.from({length: 5}, () => make().run()));
    expect(whys).to.deep.equal(['first', 'refused 403']);
  });

  it('ends when a new location is refused too', async () => {
    good = () => false;
    const fault = await faultOf(make({}, {retries: 9}).run());
    expect({code: fault.code, whys, asked: asked()})
      .to.deep.equal({code: 'NOT_AUTHORIZED', whys: ['first', 'refused 403'], asked: ['1', '2']});
  });

  it('goes on through several expiries of a long transfer, without touching the retries, up to ten', async () => {
    // Each location is good for one answer, which is cut.
    const served = new Set<string>();
    wire.server.on('/blob', ({path}) => {
      if (served.has(path)) return {status: 403};
      served.add(path);
      return {body: 'a file', cutAt: 3, ranges: false};
    });
    const fault = await faultOf(make({}, {retries: 50, retry: undefined}).run());
    expect({code: fault.code, whys: whys.length, last: whys.at(-1)}).to.deep.equal({code: 'NOT_AUTHORIZED', whys: 10, last: 'refused 403'});
  });

  it('does not charge the second refusal at one origin either', async () => {
    const served = new Set<string>();
    wire.server.on('/blob', ({path, nth}) => {
      if (nth >= 5) return {body: 'a file'};
      if (served.has(path)) return {status: 403};
      served.add(path);
      return {body: 'a file', cutAt: 3};
    });
    // Cut, refused, cut, refused: two repeats are charged, for the cuts.
    const {attempts} = await make({}, {retries: 2, retry: undefined}).run();
    expect(attempts.map(({error}) => error?.code)).to.deep.equal(
      ['INTERRUPTED', 'NOT_AUTHORIZED', 'INTERRUPTED', 'NOT_AUTHORIZED', undefined]);
  });

  it('asks for a new one before a repeat that would come too late', async () => {
    const refresh: LocationDelegateOptions['refresh'] = (_download, why) => ({...next(why), expires: wire.clock.time() + 40_000});
    wire.server.on('/blob', async ({nth}) => {
      if (nth > 1) return {body: 'a file'};
      await wire.clock.advance(20_000);
      return {status: 502};
    });
    await make({refresh}, {retry: undefined, timeout: {read: 0, headers: 0, lowSpeed: false}}).run();
    expect({whys, asked: asked()}).to.deep.equal({whys: ['first', 'expired'], asked: ['1', '2']});
  });

  it('leaves other faults and other addresses alone', async () => {
    wire.server.on('/blob', {status: 404});
    expect((await faultOf(make().run())).code).to.equal('NOT_FOUND');
    expect(whys).to.deep.equal(['first']);
  });

  it('fails with CredentialError when there is no location to be had, and shows nothing of it', async () => {
    const bad: LocationDelegateOptions['refresh'][] = [
      () => { throw new Error('https://s.example/?sig=rabbit is gone'); }, () => ({url: 'rabbit'}), () => ({url: 7 as never}),
      () => undefined as never, () => ({url: 'http://h/?sig=rabbit', expires: 'soon' as never}),
    ];
    for (const refresh of bad) {
      const fault = await faultOf(make({refresh}, {url: 'http://repo.invalid/blob?token=rabbit'}).run());
      expect(fault.code).to.equal('CREDENTIAL_ERROR');
      expect(fault.message).to.match(/^no location: .+: http:\/\/repo\.invalid\/blob\?token=\*\*\*$/);
      expect(inspect(fault, {depth: 9}) + JSON.stringify(fault)).to.not.include('rabbit');
    }
  });

  it('shows the signature in no event, no result and no error', async () => {
    good = (location) => location === 2;
    const [well, badly] = [make(), make({name: 'b', refresh: (_download, why) => ({url: `${next(why).url}-no`})})];
    const logs = [well, badly].map((download) => new EventLog(download));
    const result = await well.run();
    good = () => false;
    const fault = await faultOf(badly.run());
    const events = logs.flatMap(({events: all}) => all.map(({download: _, ...event}) => event));
    expect(events.length).to.be.above(8);
    expect(inspect([events, result, fault], {depth: 9}) + JSON.stringify([events, result, fault])).to.not.include('rabbit');
  });

  it('ends the wait when its download is cancelled', async () => {
    const controller = new AbortController();
    let left: AbortSignal | undefined;
    const download = make({refresh: (_download, {signal}) => {
      left = signal;
      controller.abort();
      return new Promise(() => undefined);
    }});
    const fault = await download.run(controller.signal).catch((error: unknown) => error as DownloadError);
    expect({code: (fault as DownloadError).code, left: left?.aborted}).to.deep.equal({code: 'CANCELLED', left: true});
  });

  const bad: [object, string][] = [
    [{}, 'location.refresh: expected a function'],
    [{refresh: () => undefined, expires: 'soon'}, 'location.expires: expected milliseconds since 1970 or a Date'],
    [{refresh: () => undefined, name: 7}, 'location.name: expected a text'],
    [{refresh: () => undefined, url: ''}, 'location: unknown option \'url\''],
  ];
  for (const [options, message] of bad) {
    it(`refuses ${inspect(options)}`, () => {
      expect(() => new LocationDelegate(options as LocationDelegateOptions)).to.throw(TypeError, message);
    });
  }
});
