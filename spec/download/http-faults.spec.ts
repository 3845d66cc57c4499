import {expect} from 'chai';
import {retryAt} from '../../src/download/http-faults.js';
import type {ReplyFailed} from '../../src/core/errors.js';
import {StandardRetryPolicy} from '../../src/policy/retry-policy.js';
import {ScriptedServer} from '../../src/testing/scripted-server.js';
import {TestClock} from '../../src/testing/test-clock.js';
import {fetched, withContext} from './fetching.js';

/** Status → error class, code, fault class, attempts with two retries. */
const STATUSES: Readonly<Record<number, readonly [string, string, string, number]>> = {
  300: ['ReplyFailed', 'REPLY_FAILED', 'fatal', 1],
  400: ['ReplyFailed', 'REPLY_FAILED', 'fatal', 1],
  401: ['NotAuthorized', 'NOT_AUTHORIZED', 'source-bad', 1],
  402: ['ReplyFailed', 'REPLY_FAILED', 'fatal', 1],
  403: ['NotAuthorized', 'NOT_AUTHORIZED', 'source-bad', 1],
  404: ['NotFound', 'NOT_FOUND', 'source-bad', 1],
  405: ['ReplyFailed', 'REPLY_FAILED', 'fatal', 1],
  407: ['NotAuthorized', 'NOT_AUTHORIZED', 'fatal', 1],
  408: ['ReplyFailed', 'REPLY_FAILED', 'transient', 3],
  410: ['NotFound', 'NOT_FOUND', 'source-bad', 1],
  412: ['ReplyFailed', 'REPLY_FAILED', 'fatal', 1],
  425: ['ReplyFailed', 'REPLY_FAILED', 'transient', 3],
  429: ['Throttled', 'THROTTLED', 'throttled', 3],
  451: ['ReplyFailed', 'REPLY_FAILED', 'source-bad', 1],
  500: ['ReplyFailed', 'REPLY_FAILED', 'transient', 3],
  501: ['ReplyFailed', 'REPLY_FAILED', 'fatal', 1],
  502: ['ReplyFailed', 'REPLY_FAILED', 'transient', 3],
  503: ['Throttled', 'THROTTLED', 'throttled', 3],
  504: ['ReplyFailed', 'REPLY_FAILED', 'transient', 3],
  520: ['ReplyFailed', 'REPLY_FAILED', 'transient', 3],
  524: ['ReplyFailed', 'REPLY_FAILED', 'transient', 3],
  525: ['ReplyFailed', 'REPLY_FAILED', 'fatal', 1],
  999: ['ReplyFailed', 'REPLY_FAILED', 'fatal', 1],
};

describe('HttpDownload: statuses', () => {
  let server: ScriptedServer;
  let clock: TestClock;
  beforeEach(async () => {
    server = await ScriptedServer.start();
    clock = new TestClock({autoAdvance: true});
  });
  afterEach(async () => { await server.close(); });

  const ask = (retries = 2) => withContext((context) =>
    fetched({url: server.url('/a'), context, retry: new StandardRetryPolicy({retries})}), {clock, random: () => 0.5});

  for (const [status, [name, code, kind, attempts]] of Object.entries(STATUSES)) {
    it(`${status} is ${code}, ${kind}, asked ${attempts} times`, async () => {
      server.on('/a', {status: Number(status), body: `why ${status}`});
      const {error, text} = await ask();
      expect([error?.name, error?.code, error?.class, error?.attempts.length, text]).to.deep.equal([name, code, kind, attempts, undefined]);
      expect(error).to.include({status: Number(status), body: `why ${status}`});
      expect([server.requests.length, server.connections]).to.deep.equal([attempts, 1]);
    });
  }

  for (const status of [200, 201, 203, 299]) {
    it(`${status} is the file`, async () => {
      server.on('/a', {status, body: 'hello'});
      expect((await ask()).text).to.equal('hello');
    });
  }

  it('keeps 64 KiB of an error\'s body, hidden, and gives up the connection of a longer one', async () => {
    server.on('/a', {status: 404, body: Buffer.alloc(1_000_000, 'x'), headers: {'X-Tag': '1'}});
    const error = (await ask()).error as ReplyFailed;
    expect([error.body.length, error.headers['x-tag']]).to.deep.equal([65_536, '1']);
    expect(JSON.stringify(error)).to.not.contain('xxxx');
    server.on('/a', {body: 'hello'});
    await ask();
    expect(server.connections).to.equal(2);
  });

  it('an error\'s body that breaks is as much as came', async () => {
    server.on('/a', {status: 404, body: 'not here', cutAt: 3});
    const error = (await ask()).error as ReplyFailed;
    expect([error.code, error.body]).to.deep.equal(['NOT_FOUND', 'not']);
  });

  describe('Retry-After', () => {
    const at = (seconds: number): string => new Date(clock.time() + 3_600_000 + seconds * 1000).toUTCString();

    for (const status of [429, 503, 500]) {
      it(`is waited for at ${status}, at least, and spread by a tenth at most`, async () => {
        server.on('/a', ({nth}) => nth === 1 ? {status, headers: {'Retry-After': '20'}} : {body: 'hello'});
        expect((await ask()).text).to.equal('hello');
        expect(clock.waits).to.deep.equal([21_000]);
      });
    }

    it('as a date is relative to the reply\'s own Date', async () => {
      // The server's clock is an hour ahead.
      server.on('/a', ({nth}) => nth === 1 ? {status: 503, headers: {'Date': at(0), 'Retry-After': at(30)}} : {body: 'hello'});
      expect((await ask()).text).to.equal('hello');
      expect(clock.waits).to.deep.equal([31_500]);
    });

    it('above the limit fails at once and says when', async () => {
      server.on('/a', {status: 429, headers: {'Retry-After': '600'}});
      const {error} = await ask();
      expect([error?.attempts.length, error?.retryAt, clock.waits]).to.deep.equal([1, clock.time() + 600_000, []]);
    });

    it('that says nothing usable is left out', () => {
      for (const value of ['', 'soon', '-5', '1.5', '12345678901', 'Sunday 5', 'Sun, 31 Foo 2026 00:00:00 GMT', '2026-01-01T00:00:00Z',
        'Sun, 06 Nov 1994 08:49:37']) {
        expect(retryAt({'retry-after': value}, 0), value).to.equal(undefined);
      }
      expect(retryAt({}, 0)).to.equal(undefined);
    });

    it('in the past is now', () => {
      const headers = {'date': 'Sun, 06 Nov 1994 08:49:37 GMT', 'retry-after': 'Sun, 06 Nov 1994 08:00:00 GMT'};
      expect([retryAt(headers, 5), retryAt({'retry-after': '0'}, 5)]).to.deep.equal([5, 5]);
    });

    it('without a Date is relative to our clock', () => {
      expect(retryAt({'retry-after': 'Thu, 01 Jan 1970 00:01:00 GMT'}, 10_000)).to.equal(60_000);
    });
  });
});
