import {expect} from 'chai';
import {progressLine} from '../../src/cli/progress-display.js';
import {formatBytes, formatClock, formatSpan, formatSpeed} from '../../src/cli/quantities.js';
import type {TotalFacts} from '../../src/monitor/total-progress.js';

const MIB = 1024 * 1024;

function facts(some: Partial<Omit<TotalFacts, 'items'>> & {items?: Partial<TotalFacts['items']>}): TotalFacts {
  const items = {added: 4, running: 2, done: 2, failed: 0, expected: 4, ...some.items};
  return {bytes: 10 * MIB, total: 40 * MIB, percent: 25, speed: 2 * MIB, eta: 15_000, rewinds: 0, ...some, items};
}

describe('progressLine', () => {
  it('shows a bar, bytes, speed, what is left, and the files', () => {
    expect(progressLine(facts({}), 100))
      .to.equal(' 25% [=======>                      ]  10.0 MiB of 40.0 MiB  2.0 MiB/s  ETA 0:15  2/4 files');
  });

  it('counts failures', () => {
    expect(progressLine(facts({items: {failed: 1}}), 120)).to.match(/3\/4 files {2}1 failed$/);
  });

  it('leaves the files out for a single one, and the total while it is not known', () => {
    expect(progressLine(facts({items: {expected: 1, added: 1}}))).to.equal(' 25%  10.0 MiB of 40.0 MiB  2.0 MiB/s  ETA 0:15');
    expect(progressLine(facts({total: undefined, percent: undefined, eta: undefined, items: {expected: undefined}}), 100))
      .to.equal('10.0 MiB  2.0 MiB/s  2 files');
    expect(progressLine(facts({items: {added: 3}}))).to.match(/^ 25% {2}10\.0 MiB {2}2/);
  });

  it('never fills a line of the terminal, and never passes its end', () => {
    for (let columns = 1; columns < 130; columns++) expect(progressLine(facts({}), columns).length).to.be.lessThan(Math.max(columns, 1));
    expect(progressLine(facts({percent: 100}), 100)).to.match(/^100% \[=+\]/);
    expect(progressLine(facts({percent: 99.9}), 100)).to.match(/^ 99% \[=+>\]/);
  });
});

describe('quantities', () => {
  it('are short', () => {
    expect([0, 999, 1000, 1024, 1536, 102_400, MIB, 5 * 1024 ** 3, 2000 * 1024 ** 5].map(formatBytes))
      .to.deep.equal(['0 B', '999 B', '1.0 KiB', '1.0 KiB', '1.5 KiB', '100 KiB', '1.0 MiB', '5.0 GiB', '2000 PiB']);
    expect(formatSpeed(2 * MIB)).to.equal('2.0 MiB/s');
    expect([400, 59_949, 65_000, 7_384_000].map(formatSpan)).to.deep.equal(['0.4 s', '59.9 s', '1:05', '2:03:04']);
    expect([0, 7000, 59_999].map(formatClock)).to.deep.equal(['0:00', '0:07', '1:00']);
  });
});
