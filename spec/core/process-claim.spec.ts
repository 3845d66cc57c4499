import {expect} from 'chai';
import {fork} from 'node:child_process';
import {once} from 'node:events';
import {SystemClock} from '../../src/core/clock.js';
import {SystemDisk} from '../../src/core/disk.js';
import {ProcessClaim, type ClaimTerms} from '../../src/core/process-claim.js';
import {currentOwner, stateOf, type OwnerState} from '../../src/core/process-owner.js';
import {faultOf} from '../../src/testing/fault-of.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {TestClock} from '../../src/testing/test-clock.js';

describe('ProcessClaim', () => {
  const folder = useTempFolder();
  const terms = (more: Partial<ClaimTerms> = {}): ClaimTerms => ({disk: new SystemDisk(), path: folder.join('lock'), name: 'the thing', ...more});
  /** A process that has ended. */
  const gone = async (): Promise<{pid: number; started: string}> => {
    const child = fork('/dev/null', {execArgv: [], stdio: 'ignore'});
    await once(child, 'exit');
    return {pid: child.pid ?? 0, started: '1'};
  };
  const abandon = async (name = 'lock'): Promise<void> => {
    await folder.write(name, JSON.stringify({jupiter: 1, owner: {...currentOwner(), ...await gone()}, claim: name}));
  };

  it('is one process\'s at a time, and can be given back', async () => {
    const claim = await ProcessClaim.take(terms());
    expect(await faultOf(ProcessClaim.take(terms())))
      .to.include({code: 'WRITER_FAILED', message: `the thing is in use by process ${process.pid}, which runs`});
    await claim.release();
    expect(await folder.list()).to.deep.equal([]);
    await (await ProcessClaim.take(terms())).release();
  });

  it('is taken over from a process that ended, by exactly one of many', async () => {
    await abandon();
    const takes = await Promise.allSettled(Array.from({length: 20}, () => ProcessClaim.take(terms())));
    const won = takes.flatMap((take) => take.status === 'fulfilled' ? [take.value] : []);
    expect(won).to.have.length(1);
    expect(await folder.list()).to.deep.equal(['lock']);
    await won[0]?.release();
    expect(await folder.list()).to.deep.equal([]);
  });

  it('is taken over although another one was killed while it did so', async () => {
    await abandon();
    const disk = new SystemDisk();
    const rename = disk.rename.bind(disk);
    // Ends where the ticket is there and the claim is not replaced yet.
    disk.rename = () => new Promise(() => undefined);
    void ProcessClaim.take(terms({disk}));
    while ((await folder.list()).length < 3) await new Promise((resolve) => { setImmediate(resolve); });
    disk.rename = rename;
    let asked = 0;
    // The ticket's owner is this very process; it counts as ended.
    const state: ClaimTerms['stateOf'] = (owner): OwnerState => owner.pid === process.pid && asked++ === 0 ? 'dead' : stateOf(owner);
    const claim = await ProcessClaim.take(terms({stateOf: state}));
    await claim.release();
    expect((await folder.list()).filter((name) => name === 'lock')).to.deep.equal([]);
  });

  it('is waited for as long as one has patience', async () => {
    const clock = new TestClock();
    const first = await ProcessClaim.take(terms());
    const second = ProcessClaim.take(terms(), {clock, limit: 100});
    await clock.untilPending(1);
    await first.release();
    await clock.advanceToNext();
    const claim = await second;
    const third = faultOf(ProcessClaim.take(terms(), {clock: new TestClock({autoAdvance: true}), limit: 100}));
    expect((await third)?.message).to.contain('in use by process');
    await claim.release();
  });

  it('goes from hand to hand among many who have patience', async () => {
    let [held, most, turns] = [0, 0, 0];
    await Promise.all(Array.from({length: 10}, async () => {
      const claim = await ProcessClaim.take(terms(), {clock: new SystemClock(), limit: 20_000});
      most = Math.max(most, ++held);
      await new Promise((resolve) => { setImmediate(resolve); });
      held--;
      turns++;
      await claim.release();
    }));
    expect({most, turns, left: await folder.list()}).to.deep.equal({most: 1, turns: 10, left: []});
  });

  it('of another machine is left alone, and the message says what helps', async () => {
    await folder.write('lock', JSON.stringify({owner: {...currentOwner(), host: 'far.example 0'}}));
    expect((await faultOf(ProcessClaim.take(terms())))?.message).to.contain(`of far.example; if it has ended, remove ${folder.join('lock')}`);
    expect(await folder.list()).to.deep.equal(['lock']);
  });

  it('takes what no process wrote to its end', async () => {
    await folder.write('lock', '');
    await (await ProcessClaim.take(terms())).release();
    expect(await folder.list()).to.deep.equal([]);
  });

  it('never removes another one\'s', async () => {
    const claim = await ProcessClaim.take(terms());
    await folder.write('lock', 'another');
    await claim.release();
    expect((await folder.read('lock')).toString()).to.equal('another');
  });
});
