import {expect} from 'chai';
import fc from 'fast-check';
import {digestLength} from '../../src/core/digest.js';
import {ValidationError} from '../../src/core/errors.js';
import {parseMetalink} from '../../src/policy/metalink.js';
import {fileElement, hashElement, metalinkOf, urlElement} from './metalink-texts.js';

const ALGORITHMS = {'sha-512': 'sha512', 'sha-256': 'sha256', 'sha-1': 'sha1', md5: 'md5'};

const hex = (algorithm: string): fc.Arbitrary<string> =>
  fc.uint8Array({minLength: digestLength(algorithm), maxLength: digestLength(algorithm)})
    .map((bytes) => Buffer.from(bytes).toString('hex'));

const hashes: fc.Arbitrary<Record<string, string | undefined>> = fc.record(
  Object.fromEntries(Object.entries(ALGORITHMS).map(([type, algorithm]) => [type, hex(algorithm)])), {requiredKeys: []});

const file = fc.record({
  path: fc.stringMatching(/^[a-zA-Z0-9&<"'é]{1,9}(?:\/[a-z0-9]{1,8})?$/)
    .filter((path) => path === path.normalize('NFC') && !/(?:^|\/)(?:con|prn|aux|nul|com|lpt)/i.test(path)),
  size: fc.option(fc.nat(), {nil: undefined}),
  hashes,
  pieces: fc.array(hex('sha256'), {minLength: 1, maxLength: 5}),
  urls: fc.array(fc.record({
    url: fc.webUrl({withQueryParameters: true}).map((url) => new URL(url).href), priority: fc.integer({min: 1, max: 999_999}),
    location: fc.option(fc.stringMatching(/^[a-z]{2}$/), {nil: undefined}),
  }), {maxLength: 4}),
});

const piecesElement = (pieces: readonly string[]): string =>
  `<pieces type="sha-256" length="9">${pieces.map((piece) => `<hash>${piece}</hash>`).join('')}</pieces>`;

describe('parseMetalink, laws', () => {
  it('reads back what was written', () => {
    fc.assert(fc.property(fc.uniqueArray(file, {selector: ({path}) => path, maxLength: 4}), (files) => {
      const text = metalinkOf(...files.map((one) => fileElement(one.path,
        one.size === undefined ? '' : `<size>${one.size}</size>`,
        ...Object.entries(one.hashes).map(([type, value]) => hashElement(type, value ?? '')),
        // Without a size any number of pieces may be right.
        one.size === undefined ? piecesElement(one.pieces) : '',
        ...one.urls.map(({url, priority, location}) => urlElement(url, priority, location)))));
      const expected = files.map((one) => ({
        name: one.path.slice(one.path.indexOf('/') + 1), path: one.path, size: one.size,
        hashes: Object.entries(ALGORITHMS).flatMap(([type, algorithm]) => type in one.hashes ? [{algorithm, hex: one.hashes[type]}] : []),
        pieces: one.size === undefined ? {length: 9, algorithm: 'sha256', hashes: one.pieces} : undefined, urls: one.urls,
      }));
      expect(parseMetalink(text).files).to.deep.equal(expected);
    }), {numRuns: 200});
  });

  it('gives a metalink or a ValidationError for any text', () => {
    const pieces = ['<metalink xmlns="urn:ietf:params:xml:ns:metalink">', '</metalink>', '<file name="', '">', '</file>', '<size>',
      '</size>', '<hash type="sha-256">', '</hash>', '<pieces length="1" type="md5">', '</pieces>', '<url priority="1">', '</url>',
      'http://h/', '&amp;', '&x;', '<![CDATA[', ']]>', '<!--', '-->', '<?x', '?>', '<!DOCTYPE', '7', '\0', '\uFEFF', '\uD800', '__proto__',
      'constructor'];
    const part = fc.oneof(fc.constantFrom(...pieces), fc.string({unit: 'binary', maxLength: 5}));
    const soup = fc.array(part, {maxLength: 30}).map((parts) => parts.join(''));
    const inside = soup.map((text) => metalinkOf(fileElement('a', text)));
    fc.assert(fc.property(fc.oneof(fc.string({unit: 'binary'}), soup, inside), (text) => {
      try {
        return Array.isArray(parseMetalink(text).files);
      } catch (error) {
        return error instanceof ValidationError;
      }
    }), {numRuns: 2000});
  });
});
