import {expect} from 'chai';
import {compare, FILE_KINDS, signaturesOf, type FileKind} from '../../src/validation/signatures.js';

/** The first bytes of real files, as the tools of each format write them. */
const HEADS: Readonly<Record<FileKind, readonly string[]>> = {
  '7z': ['377abcaf271c0004'],
  ar: ['213c617263683e0a6c69622e6f2f'],
  bzip2: ['425a68393141592653', '425a683131415926'],
  cab: ['4d534346000000002c'],
  deb: ['213c617263683e0a64656269616e2d62696e61727920'],
  elf: ['7f454c4602010100'],
  exe: ['4d5a90000300'],
  gif: ['47494638396101', '474946383761'],
  gzip: ['1f8b0800000000000003', '1f8b0808'],
  jpeg: ['ffd8ffe000104a464946', 'ffd8ffdb'],
  lz4: ['04224d186440'],
  lzip: ['4c5a495001'],
  pdf: ['255044462d312e37'],
  png: ['89504e470d0a1a0a0000000d49484452'],
  rpm: ['edabeedb0300'],
  sqlite: ['53514c69746520666f726d6174203300'],
  tar: [`${'61'.repeat(257)}757374617200`, `${'61'.repeat(257)}7573746172202000`],
  wasm: ['0061736d01000000'],
  webp: ['524946461234567857454250'],
  xz: ['fd377a585a000004'],
  zip: ['504b03041400', '504b05060000', '504b0708504b0304'],
  zstd: ['28b52ffd24', '502a4d1804000000', '5f2a4d18'],
};

function kindsOf(hex: string): FileKind[] {
  return FILE_KINDS.filter((kind) => signaturesOf(kind).some((signature) => compare(signature, Buffer.from(hex, 'hex')) === 'yes'));
}

describe('signatures', () => {
  it('are sorted', () => { expect(FILE_KINDS).to.deep.equal([...FILE_KINDS].sort()).and.to.have.members(Object.keys(HEADS)); });

  for (const [kind, heads] of Object.entries(HEADS)) {
    it(`know ${kind} and take it for nothing else`, () => {
      // A Debian package is an ar archive.
      const expected = kind === 'deb' ? ['ar', 'deb'] : [kind];
      for (const head of heads) expect(kindsOf(head), head).to.deep.equal(expected);
    });

    it(`know that ${kind} is not whole yet`, () => {
      for (const head of heads) {
        const short = Buffer.from(head, 'hex').subarray(0, 2 - (kind === 'exe' ? 1 : 0));
        expect(signaturesOf(kind as FileKind).map((signature) => compare(signature, short))).to.include('partly').and.not.to.include('yes');
      }
    });
  }

  it('are not found in other files', () => {
    for (const text of ['', '<!doctype html>', '{"error": 1}', 'version https://git-lfs', 'BZip', 'RIFF1234WAVE', 'a'.repeat(300)]) {
      expect(kindsOf(Buffer.from(text).toString('hex')), text).to.deep.equal([]);
    }
  });
});
