import {expect} from 'chai';
import {Context} from '../../src/core/context.js';
import type {Fault, Retry, RetryPolicy} from '../../src/core/contract.js';
import {Interrupted} from '../../src/core/errors.js';
import type {ErrorEvent} from '../../src/core/event.js';
import {RepairBudget} from '../../src/download/repair-budget.js';
import {TestClock} from '../../src/testing/test-clock.js';

const SOURCE = 'http://h.example/f';
const error = new Interrupted('cut', 5, 2);
const event = (changes: Partial<ErrorEvent> = {}): ErrorEvent =>
  ({name: 'error', attempt: 1, error, repaired: false, refreshed: false, delay: 0, ...changes}) as ErrorEvent;
const policy = (decide: (fault: Fault) => Retry | undefined): RetryPolicy => ({retries: 4, decide});

describe('RepairBudget', () => {
  let context: Context;
  let clock: TestClock;
  beforeEach(() => {
    clock = new TestClock();
    context = new Context({clock, random: () => 0.25});
  });
  afterEach(() => context.close());

  it('charges repairs of handlers and of the policy alike', () => {
    const budget = new RepairBudget(policy(() => ({delay: 9})), context);
    expect([
      budget.spend(event(), SOURCE, 2), budget.left(2), budget.spend(event({repaired: true, delay: 3}), SOURCE, 2), budget.left(2),
      budget.spend(event(), SOURCE, 2), budget.spend(event({repaired: true}), SOURCE, 2), budget.spend(event(), SOURCE, 3),
    ]).to.deep.equal([{delay: 9}, 1, {delay: 3}, 0, undefined, undefined, {delay: 9}]);
  });

  it('shows the policy the fault: charged, retries, what was seen at this source, time and chance', () => {
    const faults: Fault[] = [];
    const budget = new RepairBudget(policy((fault) => {
      faults.push(fault);
      return {delay: 0};
    }), context);
    budget.ask(error, 1, SOURCE, 4);
    budget.spend(event(), SOURCE, 4);
    budget.spend(event({attempt: 2}), 'http://other/', 4);
    budget.spend(event({attempt: 3}), SOURCE, 5);
    expect(faults.map(({attempt, charged, retries, now, random}) => [attempt, charged, retries, now, random()])).to.deep.equal([
      [1, 0, 4, clock.time(), 0.25], [1, 0, 4, clock.time(), 0.25], [2, 1, 4, clock.time(), 0.25], [3, 2, 5, clock.time(), 0.25],
    ]);
    expect(faults.at(-1)?.seen('INTERRUPTED')).to.equal(2);
    expect(faults.at(-1)?.seen('NOT_FOUND')).to.equal(0);
  });

  it('lets what the policy calls uncharged pass once per source and code', () => {
    const budget = new RepairBudget(policy(() => ({delay: 0, charged: false})), context);
    expect([
      budget.spend(event(), SOURCE, 0), budget.spend(event(), SOURCE, 0), budget.spend(event(), 'http://other/', 0),
    ]).to.deep.equal([{delay: 0, charged: false}, undefined, {delay: 0, charged: false}]);
  });

  it('lets a credential refresh pass once an origin, when it is a repair', () => {
    const budget = new RepairBudget(policy(() => undefined), context);
    const refresh = event({repaired: true, refreshed: true});
    expect([
      budget.spend(refresh, SOURCE, 0), budget.spend(refresh, 'http://h.example/other', 0), budget.spend(refresh, 'https://h.example/', 0),
      budget.spend(event({refreshed: true}), 'http://third/', 0),
    ]).to.deep.equal([{delay: 0, charged: false}, undefined, {delay: 0, charged: false}, undefined]);
  });

  it('ends after attempt 1,000', () => {
    const budget = new RepairBudget(policy(() => ({delay: 0, charged: false})), context);
    expect([budget.spend(event({attempt: 999}), SOURCE, 9999), budget.spend(event({attempt: 1000, repaired: true}), SOURCE, 9999)])
      .to.deep.equal([{delay: 0, charged: false}, undefined]);
  });

  it('begins no wait that would outlast the deadline', async () => {
    const budget = new RepairBudget(policy(() => ({delay: 500})), context, 1000);
    expect(budget.spend(event(), SOURCE, 9)).to.deep.equal({delay: 500});
    await clock.advance(500);
    expect(budget.spend(event(), SOURCE, 9)).to.equal(undefined);
    expect(budget.spend(event({repaired: true, delay: 499}), SOURCE, 9)).to.deep.equal({delay: 499});
  });
});
