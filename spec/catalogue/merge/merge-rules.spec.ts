import {expect} from 'chai';
import fc from 'fast-check';
import {parsePointer} from '../../../src/catalogue/merge/json-pointer.js';
import {MergeRules, nameOf} from '../../../src/catalogue/merge/merge-rules.js';

const fits = (pattern: string, path: string): boolean =>
  new MergeRules({lists: [{path: pattern, kind: 'replace'}]}).list(parsePointer(path)).kind === 'replace';

const EXPRESSIONS: Readonly<Record<string, string>> = {'*': '/[ab]', '**': '(?:/[ab])*'};

describe('MergeRules', () => {
  const matching: readonly [pattern: string, fitting: string[], others: string[]][] = [
    ['', [''], ['/', '/a']],
    ['/a', ['/a'], ['', '/b', '/a/a', '/A']],
    ['/*/partials', ['/a/partials', '//partials', '/partials/partials'], ['/partials', '/a/b/partials', '/a/partials/b']],
    ['/**/partials', ['/partials', '/a/partials', '/a/b/partials', '/partials/r1/partials'], ['/a', '/partials/r1', '/xpartials']],
    ['/a/**', ['/a', '/a/b', '/a/b/c'], ['', '/b/a']],
    ['/**', ['', '/a', '/a/b'], []],
    ['/**/a/*/b/**/c', ['/a/x/b/c', '/q/a/a/a/b/b/b/x/c', '/a/a/b/c'], ['/a/b/c', '/a/x/b', '/a/x/b/c/d']],
    ['/a~1b/~0', ['/a~1b/~0'], ['/a/b/~0']],
  ];
  for (const [pattern, fitting, others] of matching) {
    it(`applies ${JSON.stringify(pattern)} to the right paths`, () => {
      expect(fitting.filter((path) => !fits(pattern, path))).to.deep.equal([]);
      expect(others.filter((path) => fits(pattern, path))).to.deep.equal([]);
    });
  }

  it('matches as a regular expression would', () => {
    const names = fc.array(fc.constantFrom('a', 'b'), {maxLength: 7});
    fc.assert(fc.property(fc.array(fc.constantFrom('a', 'b', '*', '**'), {maxLength: 5}), names, (pattern, path) => {
      const expression = pattern.map((name) => EXPRESSIONS[name] ?? `/${name}`).join('');
      const [there, here] = [pattern, path].map((list) => list.map((name) => `/${name}`).join('')) as [string, string];
      expect(fits(there, here)).to.equal(new RegExp(`^${expression}$`).test(here));
    }), {numRuns: 1000});
  });

  it('gives the first rule that fits, and append without a key where none does', () => {
    const rules = new MergeRules({lists: [{path: '/a', kind: 'keyed', key: 'id'}, {path: '/*', kind: 'replace'}]});
    expect([rules.list(['a']), rules.list(['b']), rules.list([])].map(({kind, key}) => [kind, key]))
      .to.deep.equal([['keyed', ['id']], ['replace', undefined], ['append', undefined]]);
  });

  it('knows the lists of a classic release when nothing is declared', () => {
    expect(new MergeRules().list(parsePointer('/linux/locales/de/partials')).key).to.deep.equal(['key', 'from']);
    expect(new MergeRules({lists: []}).list(['partials']).key).to.equal(undefined);
  });

  it('names an item by the first key that it has', () => {
    expect(nameOf({from: 'a'}, ['key', 'from'])).to.equal('a');
    expect(nameOf({from: 'a', key: ''}, ['key', 'from'])).to.equal('');
    expect(nameOf({id: 1.5}, ['id'])).to.equal('1.5');
    const nameless = [null, 'a', ['a'], {}, {id: null}, {id: true}, {id: {}}];
    expect(nameless.map((item) => nameOf(item, ['id']))).to.deep.equal(nameless.map(() => undefined));
    expect(nameOf({}, ['toString'])).to.equal(undefined);
  });
});
