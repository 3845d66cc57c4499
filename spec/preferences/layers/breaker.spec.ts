import {expect} from 'chai';
import {Breaker} from '../../../src/preferences/layers/breaker.js';
import {TestClock} from '../../../src/testing/index.js';

describe('Breaker', () => {
  it('lets everybody through until five failures in a row, then nobody for 30 s, then one', async () => {
    const clock = new TestClock();
    const breaker = new Breaker(clock);
    for (let n = 0; n < 5; n++) {
      expect(breaker.admit()).to.equal(0);
      breaker.failed();
    }
    expect(breaker.admit()).to.equal(30_000);
    await clock.advance(29_999);
    expect(breaker.admit()).to.equal(1);
    await clock.advance(1);
    expect(breaker.admit(), 'one may try').to.equal(0);
    expect(breaker.admit(), 'the others wait for its luck').to.equal(30_000);
    breaker.failed();
    await clock.advance(30_000);
    expect(breaker.admit()).to.equal(0);
    breaker.succeeded();
    expect([breaker.admit(), breaker.admit()]).to.deep.equal([0, 0]);
  });

  it('counts failures in a row only', () => {
    const breaker = new Breaker(new TestClock(), {failures: 2});
    breaker.failed();
    breaker.succeeded();
    breaker.failed();
    expect(breaker.admit()).to.equal(0);
    breaker.failed();
    expect(breaker.admit()).to.equal(30_000);
  });
});
