import {expect} from 'chai';
import {diffIndex} from '../../../src/streamer/importers/diff-index.js';
import {FileIndex} from '../../../src/streamer/importers/file-index.js';

const [ONE, TWO, THREE, FOUR, NO] = ['1', '2', '3', '4', '0'].map((digit) => digit.repeat(64)) as [string, string, string, string, string];

describe('diffIndex', () => {
  it('names diffs packed and unpacked, merged or not, and no list', async () => {
    const text = [`SHA256-Current: ${NO} 9`, 'SHA1-Download:', ` ${NO.slice(0, 40)} 5 T-2-F-1.gz`, 'SHA256-History:', ` ${NO} 7 T-2-F-1`,
      'SHA256-Patches:', ` ${ONE} 9 T-2-F-1`, 'SHA256-Download:', ` ${TWO}      50 T-2-F-1.gz`, 'X-Unmerged-SHA256-History:', ` ${NO} 7 1`,
      'X-Unmerged-SHA256-Patches:', ` ${THREE} 100 1`, 'X-Unmerged-SHA256-Download:', ` ${FOUR} 50 1.gz`, 'X-Patch-Precedence: merged', ''];
    const index = await FileIndex.read(Buffer.from(text.join('\n')), NO, diffIndex('dists/Packages.diff'));
    const found = ['T-2-F-1', 'T-2-F-1.gz', '1', '1.gz', '2'].map((name) => index.get(`dists/Packages.diff/${name}`));
    expect([...found, index.size]).to.deep.equal([ONE, TWO, THREE, FOUR, undefined, 4]);
  });
});
