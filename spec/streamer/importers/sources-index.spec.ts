import {expect} from 'chai';
import {FileIndex} from '../../../src/streamer/importers/file-index.js';
import {sourcesIndex} from '../../../src/streamer/importers/sources-index.js';

const [DSC, TAR, OTHER] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string];
const read = (...lines: readonly string[]): Promise<FileIndex> => FileIndex.read(Buffer.from(lines.join('\n')), OTHER, sourcesIndex);

describe('sourcesIndex', () => {
  it('names each file of a source package below its folder, whichever field comes first', async () => {
    const sums = ['Checksums-Sha256:', ` ${DSC} 2543 x_1-1.dsc`, ` ${TAR.toUpperCase()} 165 x_1.orig.tar.xz`];
    for (const folder of ['pool/main/x/x', './pool/main/x/x', 'pool/main/x/x/']) {
      for (const lines of [[`Directory: ${folder}`, ...sums], [...sums, 'Homepage: y', `Directory: ${folder}`]]) {
        const index = await read('Package: x', 'Files:', ` ${'d'.repeat(32)} 2543 x_1-1.dsc`, ...lines);
        expect([index.get('pool/main/x/x/x_1-1.dsc'), index.get('pool/main/x/x/x_1.orig.tar.xz'), index.size]).to.deep.equal([DSC, TAR, 2]);
      }
    }
  });

  it('takes no file from another package, and no weak digest', async () => {
    const index = await read('Directory: a', '', 'Checksums-Sha256:', ` ${DSC} 1 x`, '',
      'Directory: b', 'Files:', ` ${DSC} 1 x`, 'Checksums-Sha1:',
      ` ${DSC} 1 x`, 'Package-List:', ` ${DSC} 1 x`, 'Checksums-Sha256:', ` ${DSC.slice(1)} 1 x`, ` ${DSC} x`, ` ${DSC} 1 y`);
    expect([index.get('a/x'), index.get('b/x'), index.get('b/y'), index.size]).to.deep.equal([undefined, undefined, DSC, 1]);
  });
});
