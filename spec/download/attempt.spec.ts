import {expect} from 'chai';
import {Context} from '../../src/core/context.js';
import {Cancelled, Interrupted, TimedOut, WriterError} from '../../src/core/errors.js';
import {Timeout} from '../../src/core/settings.js';
import {Attempt, untilAborted} from '../../src/download/attempt.js';
import {Governor} from '../../src/policy/governor.js';
import {countAbortListeners} from '../support/left-open.js';
import {TestClock} from '../../src/testing/test-clock.js';

describe('Attempt', () => {
  let clock: TestClock;
  let context: Context;
  let governor: Governor;
  let run: AbortController;
  beforeEach(() => {
    clock = new TestClock();
    context = new Context({clock});
    governor = new Governor({total: 1, perOrigin: 1});
    run = new AbortController();
  });
  afterEach(() => context.close());

  const begin = (number = 1): Attempt => new Attempt({
    number, url: 'http://u:p@h.example/f?token=x', context, governor, timeout: new Timeout(), signal: run.signal, headers: {},
  });

  it('gives a permit back before it asks for that of another origin, so that nobody waits while holding one', async () => {
    const [one, two] = [begin(), begin(2)];
    await one.moveTo('http://a');
    const moved = two.moveTo('http://a');
    await one.moveTo('http://a');
    expect([governor.running, governor.waiting]).to.deep.equal([1, 1]);
    const hopped = one.moveTo('http://b');
    await moved;
    expect([governor.running, governor.waiting]).to.deep.equal([1, 1]);
    two.end();
    await hopped;
    one.end();
    one.end();
    expect([governor.running, governor.waiting]).to.deep.equal([0, 0]);
  });

  it('gives the permit back that came together with a cancel', async () => {
    const [one, two] = [begin(), begin(2)];
    await one.moveTo('http://a');
    const moved = two.moveTo('http://a').catch((error: unknown) => error);
    one.end();
    run.abort(new Cancelled('enough'));
    expect(await moved).to.be.instanceOf(Cancelled);
    two.end();
    expect([governor.running, countAbortListeners(run.signal)]).to.deep.equal([0, 0]);
  });

  it('takes a time limit or a cancel for the fault, not what it caused, and stays with its first judgement', () => {
    const timedOut = begin();
    timedOut.waitFor('headers');
    run.abort(new TimedOut('deadline', 'not done'));
    expect(timedOut.faultOf(new Interrupted('reset by us', 1, 0))).to.be.instanceOf(TimedOut);
    const {signal} = new AbortController();
    const other = new Attempt({number: 1, url: 'http://h/', context, governor, timeout: new Timeout(), signal, headers: {}});
    const fault = other.faultOf(new Interrupted('cut', 1, 0));
    other.abort();
    expect(other.faultOf(new Error('later'))).to.equal(fault);
    for (const attempt of [timedOut, other]) attempt.end();
  });

  it('wraps what is no DownloadError, redacted, and names the address where it is missing', () => {
    const foreign = begin().faultOf(new Error('bad http://u:hidden@h/'));
    expect(foreign).to.include({
      code: 'DOWNLOAD_FAILED', class: 'fatal', url: 'http://h.example/f?token=***', message: 'unexpected: bad http://h/',
    });
    expect(begin().faultOf(new WriterError('no space')).url).to.equal('http://h.example/f?token=***');
    expect(begin().faultOf(new Interrupted('cut', 1, 0, {url: 'http://mirror/'})).url).to.equal('http://mirror/');
  });

  it('counts the duration from the permit to the end', async () => {
    const [holder, attempt] = [begin(), begin(2)];
    await holder.moveTo('http://a');
    const moved = attempt.moveTo('http://a');
    await clock.advance(500);
    holder.end();
    await moved;
    await clock.advance(70);
    attempt.end();
    await clock.advance(1000);
    expect(attempt.record(new Interrupted('cut', 5, 2), 33)).to.deep.equal({
      attempt: 2, url: 'http://h.example/f?token=***', offset: 0, bytes: 0, duration: 70, status: undefined, delay: 33,
      error: {code: 'INTERRUPTED', class: 'transient', message: 'cut'},
    });
  });

  it('starts no watch once it is over', () => {
    const attempt = begin();
    attempt.end();
    attempt.waitFor('headers');
    expect(clock.ticking).to.equal(0);
  });
});

const messageOf = (error: unknown): string => (error as Error).message;

describe('untilAborted', () => {
  it('gives the answer, the fault, or the reason of the signal, and leaves no listener', async () => {
    const controller = new AbortController();
    const {signal} = controller;
    const late = new Promise<never>((_resolve, reject) => { setImmediate(() => { reject(new Error('late')); }); });
    expect(await untilAborted(Promise.resolve(7), signal)).to.equal(7);
    expect(await untilAborted(Promise.reject(new Error('no')), signal).catch(messageOf)).to.equal('no');
    const waiting = untilAborted(late, signal).catch(messageOf);
    controller.abort(new Error('enough'));
    expect(await waiting).to.equal('enough');
    expect(await untilAborted(new Promise(() => undefined), signal).catch(messageOf)).to.equal('enough');
    expect(countAbortListeners(signal)).to.equal(0);
    await new Promise((resolve) => { setImmediate(resolve); });
  });
});
