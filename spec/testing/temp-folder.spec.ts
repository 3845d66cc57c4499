import {expect} from 'chai';
import {existsSync} from 'node:fs';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import type {TestHooks} from '../../src/testing/test-functions.js';

describe('useTempFolder', () => {
  it('makes a folder before each test and removes it afterwards, with the hooks of any runner', async () => {
    const before: (() => void | Promise<void>)[] = [];
    const after: (() => void | Promise<void>)[] = [];
    const folder = useTempFolder({beforeEach: (body) => before.push(body), afterEach: (body) => after.push(body)});
    await before[0]?.();
    expect(await folder.write('b', 'text')).to.equal(folder.join('b'));
    expect([await folder.list(), String(await folder.read('b'))]).to.deep.equal([['b'], 'text']);
    const first = folder.path;
    await after[0]?.();
    expect(existsSync(first)).to.equal(false);
    await before[0]?.();
    expect(folder.path).to.not.equal(first);
    await after[0]?.();
  });

  it('says what is missing where no runner put its hooks into the global scope', () => {
    expect(() => useTempFolder({} as TestHooks)).to.throw(TypeError, 'pass beforeEach and afterEach of your test runner');
  });
});
