import {expect} from 'chai';
import {WaitLine} from '../../src/policy/wait-line.js';
import {countAbortListeners} from '../support/left-open.js';

describe('WaitLine', () => {
  const nobody = (): void => undefined;

  it('admits first come first served, and knows what the first one waits for', async () => {
    const line = new WaitLine<string, number>();
    const {signal} = new AbortController();
    const waits = ['a', 'b'].map((wish) => line.join(wish, signal, nobody));
    expect([line.first, line.size]).to.deep.equal(['a', 2]);
    line.admit(1);
    expect([line.first, line.size]).to.deep.equal(['b', 1]);
    line.admit(2);
    line.admit(3);
    expect([await Promise.all(waits), line.first, countAbortListeners(signal)]).to.deep.equal([[1, 2], undefined, 0]);
  });

  it('tells who left, and refuses the others with an error each', async () => {
    const line = new WaitLine<string, number>();
    const controllers = [1, 2, 3].map(() => new AbortController());
    const left: number[] = [];
    const waits = controllers.map(({signal}, at) => line.join('', signal, () => { left.push(at); }).catch((error: unknown) => error));
    controllers[1]?.abort('enough');
    line.refuse(() => new Error('no'));
    const [one, two, three] = await Promise.all(waits);
    expect([left, two, (one as Error).message, one === three, line.size]).to.deep.equal([[1], 'enough', 'no', false, 0]);
    controllers[0]?.abort();
    expect([left, controllers.map(({signal}) => countAbortListeners(signal))]).to.deep.equal([[1], [0, 0, 0]]);
  });
});
