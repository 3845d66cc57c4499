import {expect} from 'chai';
import {Cancelled} from '../../src/core/errors.js';
import {Interruption} from '../../src/cli/interruption.js';

describe('Interruption', () => {
  let now = 0;
  let interruption: Interruption;
  let exits: (number | string | null | undefined)[];
  const {exit} = process;
  const before = process.listenerCount('SIGTERM');

  beforeEach(() => {
    exits = [];
    process.exit = ((code) => { exits.push(code); }) as typeof process.exit;
    interruption = new Interruption(() => now);
  });
  afterEach(() => {
    interruption.release();
    process.exit = exit;
  });

  it('the first signal aborts and is remembered', () => {
    expect([interruption.signal.aborted, interruption.exitCode]).to.deep.equal([false, undefined]);
    process.emit('SIGTERM', 'SIGTERM');
    expect([interruption.by, interruption.exitCode, interruption.signal.aborted]).to.deep.equal(['SIGTERM', 143, true]);
    expect(interruption.signal.reason).to.be.instanceOf(Cancelled);
    expect(exits).to.deep.equal([]);
  });

  it('the second ends the process; the echo that npm or tsx makes of the first does not', () => {
    process.emit('SIGINT', 'SIGINT');
    now += 499;
    process.emit('SIGINT', 'SIGINT');
    expect(exits).to.deep.equal([]);
    now += 1;
    process.emit('SIGTERM', 'SIGTERM');
    expect(exits).to.deep.equal([143]);
    expect(interruption.exitCode).to.equal(130);
  });

  it('leaves no listener', () => {
    interruption.release();
    expect(process.listenerCount('SIGTERM')).to.equal(before);
  });
});
