import {expect} from 'chai';
import {readFile, stat} from 'node:fs/promises';
import {fileFault} from '../../src/cli/file-fault.js';
import {rejection} from '../support/rejection.js';

describe('fileFault', () => {
  it('leaves out the call and the path, whatever they are, and nothing else', async () => {
    const none = 'ENOENT: no such file or directory';
    expect(fileFault(await rejection(stat('no, stat/file')))).to.equal(none);
    expect(fileFault(await rejection(readFile('nosuch.txt')))).to.equal(none);
    expect(fileFault(await rejection(readFile('.')))).to.equal('EISDIR: illegal operation on a directory');
    expect(fileFault(new Error('it is a folder, read it'))).to.equal('it is a folder, read it');
  });
});
