import {expect} from 'chai';
import {
  Cancelled, ConnectFailed, DigestMismatch, HandlerError, NotFound, PolicyRefused, ReplyFailed, Throttled, TimedOut, WriterError,
  type DownloadError,
} from '../../src/core/errors.js';
import {MirrorScore, MirrorScores} from '../../src/policy/mirror-score.js';
import {TestClock} from '../../src/testing/test-clock.js';

describe('MirrorScore', () => {
  let clock: TestClock;
  let score: MirrorScore;
  beforeEach(() => {
    clock = new TestClock();
    score = new MirrorScore(clock);
  });

  const fail = (error: DownloadError): void => { score.visit().failed(error); };

  it('measures the time to the first byte and the throughput of the body, as moving averages', async () => {
    for (const [first, rest, bytes] of [[100, 1000, 1_000_000], [200, 1000, 2_000_000]] as const) {
      const visit = score.visit();
      await clock.advance(first);
      visit.replied();
      await clock.advance(rest);
      visit.succeeded(bytes, first + rest);
    }
    expect({first: score.firstByte, rate: score.throughput}).to.deep.equal({first: 130, rate: 1300});
  });

  it('learns no throughput from a small body, nor from one that took no time', () => {
    for (const [bytes, duration] of [[1000, 10], [1_000_000, 0]] as const) {
      const visit = score.visit();
      visit.replied();
      visit.succeeded(bytes, duration);
    }
    expect(score.throughput).to.equal(undefined);
  });

  it('counts what is running, each end once', () => {
    const [one, other] = [score.visit(), score.visit()];
    expect(score.running).to.equal(2);
    one.succeeded(1, 1);
    one.failed(new ConnectFailed('late'));
    one.left();
    other.left();
    expect(score).to.include({running: 0, standing: 'good', failures: 0});
  });

  it('is untried, bad after a failure, out after four in a row, good again after a success', () => {
    const standings = [score.standing];
    for (let at = 0; at < 4; at++) {
      fail(new ConnectFailed('refused'));
      standings.push(score.standing);
    }
    score.visit().succeeded(1, 1);
    expect([...standings, score.standing]).to.deep.equal(['untried', 'bad', 'bad', 'bad', 'out', 'good']);
  });

  it('is untried again five minutes after its last failure, and out at the next one', async () => {
    for (let at = 0; at < 4; at++) fail(new ConnectFailed('refused'));
    await clock.advance(299_999);
    expect(score.standing).to.equal('out');
    await clock.advance(1);
    expect(score.standing).to.equal('untried');
    fail(new ConnectFailed('refused'));
    expect(score.standing).to.equal('out');
  });

  const reply = (status: number): {status: number} => ({status});
  const faults: [string, DownloadError, boolean][] = [
    ['a refused connection', new ConnectFailed('x'), true],
    ['wrong bytes', new DigestMismatch('x', 'sha256', 'a', 'b'), true],
    ['a time limit', new TimedOut('read', 'x'), true],
    ['500', new ReplyFailed('x', reply(500), {class: 'transient'}), true],
    ['404, which is the file\'s', new NotFound('x', reply(404)), false],
    ['451, which is the file\'s', new ReplyFailed('x', reply(451), {class: 'source-bad'}), false],
    ['429, which the governor answers', new Throttled('x', reply(429)), false],
    ['a full disk', new WriterError('x'), false],
    ['a cancel', new Cancelled(), false],
    ['a proxy', new ConnectFailed('x', {code: 'PROXY_FAILED'}), false],
    ['a handler', new HandlerError('x', 'sent'), false],
    ['a rule of ours', new PolicyRefused('x'), false],
  ];
  for (const [name, error, blamed] of faults) {
    it(`${blamed ? 'blames' : 'doesn\'t blame'} the mirror for ${name}`, () => {
      fail(error);
      expect(score.failures).to.equal(blamed ? 1 : 0);
    });
  }

  it('does not blame it for a time limit while another attempt at it succeeded', async () => {
    const slow = score.visit();
    await clock.advance(10);
    score.visit().succeeded(1, 1);
    await clock.advance(10);
    slow.failed(new TimedOut('headers', 'x'));
    expect(score.failures).to.equal(0);
    fail(new TimedOut('headers', 'x'));
    expect(score.failures).to.equal(1);
  });

  it('comes last while it asks for patience, and not longer', async () => {
    fail(new Throttled('x', reply(503), {retryAt: clock.time() + 60_000}));
    expect(score.standing).to.equal('bad');
    await clock.advance(60_000);
    expect(score.standing).to.equal('good');
    fail(new Throttled('x', reply(503)));
    expect(score.standing).to.equal('bad');
    score.visit().succeeded(1, 1);
    expect(score.standing).to.equal('good');
  });
});

describe('MirrorScores', () => {
  it('keeps one score a mirror, and forgets the one not used for longest beyond 10,000', () => {
    const scores = new MirrorScores(new TestClock());
    const first = scores.of('http://m0/');
    const second = scores.of('http://m1/');
    for (let at = 2; at < 10_000; at++) scores.of(`http://m${at}/`);
    expect(scores.of('http://m0/')).to.equal(first);
    scores.of('http://new/');
    expect({size: scores.size, kept: scores.of('http://m0/') === first, gone: scores.of('http://m1/') !== second})
      .to.deep.equal({size: 10_000, kept: true, gone: true});
  });
});
