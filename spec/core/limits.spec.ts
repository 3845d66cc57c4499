import {expect} from 'chai';
import {Context} from '../../src/core/context.js';
import {checkLimits} from '../../src/core/limits.js';

describe('checkLimits', () => {
  it('gives what was given, and leaves out what was not', () => {
    const given = {total: 1, perOrigin: 2, requestsPerSecond: 0.5, bandwidth: 0, maxWait: Infinity, maxOutage: 0, outageFaults: 0};
    expect(checkLimits('limits', given)).to.deep.equal(given);
    expect(checkLimits('limits', {bandwidth: undefined})).to.deep.equal({});
  });

  const bad: [object, typeof TypeError | typeof RangeError, string][] = [
    [{total: 0}, RangeError, 'limits.total: expected a whole number of at least 1, got 0'],
    [{perOrigin: 1.5}, RangeError, 'limits.perOrigin: expected a whole number of at least 1, got 1.5'],
    [{requestsPerSecond: -1}, RangeError, 'limits.requestsPerSecond: expected a number of at least 0, got -1'],
    [{bandwidth: 0.5}, RangeError, 'limits.bandwidth: expected a whole number of at least 0, got 0.5'],
    [{maxWait: false}, TypeError, 'limits.maxWait: expected a number of at least 0, got false'],
    [{maxOutage: NaN}, TypeError, 'limits.maxOutage: expected a number of at least 0, got NaN'],
    [{outageFaults: -1}, RangeError, 'limits.outageFaults: expected a whole number of at least 0, got -1'],
    [{perHost: 1}, TypeError, 'Context.limits: unknown option \'perHost\', expected one of total, perOrigin, requestsPerSecond'],
  ];
  for (const [limits, kind, message] of bad) {
    it(`refuses ${message}`, () => {
      expect(() => checkLimits('Context.limits', limits)).to.throw(kind, message);
    });
  }

  it('is how a Context reads its limits', () => {
    expect(new Context({limits: {bandwidth: 1000, requestsPerSecond: 2}}).limits)
      .to.deep.equal({total: 8, perOrigin: 6, bandwidth: 1000, requestsPerSecond: 2});
    expect(() => new Context({limits: {bandwidth: -1}})).to.throw(RangeError, 'limits.bandwidth: ');
  });
});
