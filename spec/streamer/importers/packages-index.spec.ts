import {expect} from 'chai';
import {FileIndex} from '../../../src/streamer/importers/file-index.js';
import {packagesIndex} from '../../../src/streamer/importers/packages-index.js';

const HEX = 'f'.repeat(64);
const read = (text: string): Promise<FileIndex> => FileIndex.read(Buffer.from(text), HEX, packagesIndex);

describe('packagesIndex', () => {
  it('names a package by its path, and nothing that a description says', async () => {
    const text = ['Package: x', 'Description: y', ' Filename: not/this', `SHA256: ${HEX.toUpperCase()}`, 'Filename: ./pool/x_1_all.deb'];
    const index = await read(text.join('\n'));
    expect([index.get('pool/x_1_all.deb'), index.get('not/this'), index.size]).to.deep.equal([HEX, undefined, 1]);
  });

  it('takes no digest from another package, and no other digest', async () => {
    const text = ['Filename: a', '', `SHA256: ${HEX}`, '', 'Filename: b', 'SHA256: short', '', 'Filename: c', `SHA512: ${HEX}`, '',
      'Filename: d', `SHA256: ${HEX}`];
    const index = await read(text.join('\n'));
    expect(['a', 'b', 'c', 'd'].map((name) => index.get(name))).to.deep.equal([undefined, undefined, undefined, HEX]);
  });
});
