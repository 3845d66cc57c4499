import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {expect} from 'chai';
import {currentOwner, stateOf} from '../../src/core/process-owner.js';

describe('process owner', () => {
  it('knows that this process is alive', () => {
    expect(stateOf(currentOwner())).to.equal('alive');
    expect(currentOwner()).to.include({pid: process.pid});
  });

  it('knows that a process is gone, and one that only has its number is another one', async () => {
    const child = spawn(process.execPath, ['-e', '0'], {stdio: 'ignore'});
    const {pid = 0} = child;
    await once(child, 'exit');
    expect(stateOf({...currentOwner(), pid})).to.equal('dead');
    if (process.platform === 'linux') expect(stateOf({...currentOwner(), started: '1'})).to.equal('dead');
  });

  it('takes those from before the machine was started again for gone', () => {
    expect(stateOf({...currentOwner(), boot: 'another'})).to.equal('dead');
  });

  it('cannot say of other machines and containers', () => {
    expect(stateOf({...currentOwner(), host: 'another'})).to.equal('unknown');
    expect(stateOf({...currentOwner(), space: 'pid:[1]'})).to.equal('unknown');
  });
});
