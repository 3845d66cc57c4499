import {expect} from 'chai';
import {TargetNames} from '../../src/batch/target-names.js';
import {FileExists} from '../../src/core/errors.js';

describe('TargetNames', () => {
  it('takes paths that differ', () => {
    const names = new TargetNames();
    for (const [at, path] of ['/m/a', '/m/b', '/n/a', '/m/a.txt'].entries()) names.claim(path, at);
    expect(names.size).to.equal(4);
  });

  for (const [why, one, other] of [['the same path', '/m/a', '/m/a'], ['another case', '/m/Straße', '/m/STRASSE'],
    ['another Unicode form', '/m/\u00e9', '/m/e\u0301'], ['another case in a folder', '/M/a', '/m/a']] as const) {
    it(`refuses ${why}, naming both items`, () => {
      const names = new TargetNames();
      names.claim(one, 3);
      expect(() => { names.claim(other, 7); }).to.throw(FileExists, 'items 3 and 7');
      expect(names.size).to.equal(1);
    });
  }

  it('calls them what they are', () => {
    const names = new TargetNames('addresses');
    names.claim('/m/a', 1);
    expect(() => { names.claim('/m/A', 2); }).to.throw(FileExists, /^two addresses would be one file \(addresses 1 and 2; /);
  });
});
