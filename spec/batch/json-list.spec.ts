import {expect} from 'chai';
import {parseNamedDigest} from '../../src/batch/json-list.js';
import {validationsOf, type ListEntry} from '../../src/batch/list-item.js';
import {DigestValidation} from '../../src/validation/digest-validation.js';
import {entriesOf} from './list-entries.js';

const SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const MD5 = 'd41d8cd98f00b204e9800998ecf8427e';

async function entryOf(line: unknown): Promise<ListEntry> {
  const text = typeof line === 'string' ? line : JSON.stringify(line);
  const [entry] = await entriesOf(`${text}\n`, {format: 'jsonl'});
  return entry as ListEntry;
}

describe('readJsonLines', () => {
  it('reads everything that an item may have', async () => {
    const integrity = `sha256-${Buffer.from(SHA256, 'hex').toString('base64')}`;
    const {item} = await entryOf({url: 'https://a.example/x', mirrors: ['https://b.example/'], out: 'y', dir: 'd', digest: [`md5:${MD5}`],
      integrity,
      size: 0, headers: {'X-A': 'b'}});
    expect(item).to.deep.equal({
      url: 'https://a.example/x', mirrors: ['https://b.example/'], name: 'y', folder: 'd', size: 0, headers: {'X-A': 'b'},
      digests: [{algorithm: 'md5', hex: MD5}, {algorithm: 'sha256', hex: SHA256}],
    });
  });

  it('refuses wrong lines by number, key and kind', async () => {
    const cases: readonly (readonly [unknown, RegExp])[] = [
      ['{"url": "https://geheim', /^line 1: expected a JSON object, got a text that is no JSON$/],
      ['[1]', /^line 1: item: expected a JSON object/],
      [{}, /^line 1: url: expected an address, got none/],
      [{url: 1}, /^line 1: url: expected a text, got 1/],
      [{url: 'x', output: 'y'}, /^line 1: item: unknown option 'output'/],
      [{url: 'x', mirrors: 'y'}, /^line 1: mirrors: expected a list of texts/],
      [{url: 'x', size: -1}, /^line 1: size: expected a whole number/],
      [{url: 'x', digest: 'sha256'}, /^line 1: digest: expected <algorithm>:<digest>/],
      [{url: 'x', digest: 'sha256:12'}, /^line 1: digest: expected a sha256 digest/],
      [{url: 'x', digest: []}, /^line 1: digest: expected at least one digest, got an empty list/],
      [{url: 'x', integrity: 'geheim'}, /^line 1: integrity: expected hashes/],
      [{url: 'x', headers: {a: 1}}, /^line 1: headers\.a: expected a text, got "number"/],
    ];
    for (const [line, message] of cases) expect((await entryOf(line)).fault?.message).to.match(message);
  });
});

describe('parseNamedDigest', () => {
  it('reads the algorithm in any spelling, hex and base64', () => {
    expect(parseNamedDigest(`SHA-256:${SHA256.toUpperCase()}`)).to.deep.equal({algorithm: 'sha256', hex: SHA256});
    expect(parseNamedDigest(`md5:${Buffer.from(MD5, 'hex').toString('base64')}`)).to.deep.equal({algorithm: 'md5', hex: MD5});
  });
});

describe('validationsOf', () => {
  it('demands the size and each algorithm; of one algorithm any digest is good', () => {
    const other = SHA256.replace(/^e/, 'f');
    const made = validationsOf({url: 'x', size: 3,
      digests: [{algorithm: 'sha256', hex: SHA256}, {algorithm: 'md5', hex: MD5}, {algorithm: 'sha256', hex: other}]});
    expect(made.map(({proof}) => proof)).to.deep.equal(['size', 'digest', 'digest']);
    expect(made.flatMap((one) => one instanceof DigestValidation ? [one.accepted] : [])).to.deep.equal([[SHA256, other], [MD5]]);
    expect(validationsOf({url: 'x'})).to.deep.equal([]);
  });
});
