import {expect} from 'chai';
import type {Refused} from '../../../src/catalogue/catalogue-errors.js';
import type {Fact} from '../../../src/catalogue/contract.js';
import type {JsonObject} from '../../../src/core/json.js';
import type {Engine} from '../engines.js';
import {ELMER, partial, PRODUCT} from '../facts.js';
import {rejection} from '../../support/rejection.js';

const NEW = {...ELMER, create: PRODUCT};
const PART = {name: 'r', path: '/a'};

/** What is refused, the same on both engines. */
export function limitsContract(engine: Engine): void {
  const nested = (depth: number): JsonObject => JSON.parse('{"a":'.repeat(depth - 1) + '{}' + '}'.repeat(depth - 1)) as JsonObject;

  it('takes names and paths up to their limits, and refuses what is longer or can\'t be seen', async () => {
    const catalogue = await engine.catalogue();
    const [name, path, actor] = ['ü'.repeat(127), `/${'ü'.repeat(511)}`, 'a'.repeat(255)];
    expect(await catalogue.publish(name, [partial(path, 'x'.repeat(1024))], {actor, requestId: actor, create: {product: name}})).to.include({version: 2});
    expect((await catalogue.get(name)).parts[0]?.path).to.equal(path);
    const before = await engine.dump();
    for (const bad of ['', 'a'.repeat(256), 'ü'.repeat(128), 'a\u0000b', 'a\nb', '\ud800', 'a\u0085', 7 as unknown as string]) {
      for (const write of [
        () => catalogue.publish(bad, [], NEW), () => catalogue.publish('r', [], {...NEW, actor: bad}), () => catalogue.get(bad),
        () => catalogue.publish('r', [], {...NEW, requestId: bad}), () => catalogue.create('r', {product: bad}, ELMER),
      ]) expect(await rejection(write()), JSON.stringify(bad)).to.include({code: 'INVALID_NAME'});
    }
    for (const bad of ['', 'a', '/~2', '/~', `/${'a'.repeat(1024)}`, '/\u0000', '/\udfff']) {
      expect(await rejection(catalogue.replace({name: 'r', path: bad}, {}, {...ELMER, ifVersion: 0})), bad).to.include({code: 'INVALID_NAME'});
      expect(await rejection<Refused>(catalogue.publish('r', [partial(bad, 'r1')], NEW)), bad).to.include({code: 'INVALID_FACT', pointer: '/0/path'});
    }
    expect(await engine.dump()).to.equal(before);
  });

  it('refuses documents that attack or are too much, and takes the largest that is not', async () => {
    const catalogue = await engine.catalogue({limits: {documentBytes: 2000, facts: 3}});
    await catalogue.create('r', PRODUCT, ELMER);
    const replace = (document: unknown): Promise<unknown> => catalogue.replace(PART, document as JsonObject, {...ELMER, ifVersion: 0});
    const before = await engine.dump();
    for (const document of [
      JSON.parse('{"__proto__": {"x": 1}}'), JSON.parse('{"a": [{"__proto__": 1}]}'), nested(65), {a: 2 ** 53}, {a: NaN}, {a: '\ud800'}, {'\udc00': 1},
      {a: undefined}, {a: 1n}, {a: new Date(0)}, [], null, 'x', {a: 'x'.repeat(1993)},
    ]) expect(await rejection(replace(document))).to.include({code: 'INVALID_DOCUMENT'});
    const four = Array.from({length: 4}, (_, n) => partial('/a', `r${n}`));
    expect(await rejection(catalogue.publish('r', four, ELMER))).to.include({code: 'INVALID_DOCUMENT'});
    expect(await engine.dump()).to.equal(before);
    await replace({a: 'x'.repeat(1992)});
    expect(await rejection(catalogue.publish('r', four.slice(1), ELMER))).to.include({code: 'INVALID_DOCUMENT'});
    await catalogue.replace({name: 'r', path: '/deep'}, nested(64), {...ELMER, ifVersion: 0});
    await catalogue.replace({name: 'r', path: '/nul'}, {a: '\u0000', constructor: 1, toString: null}, {...ELMER, ifVersion: 0});
    expect((await catalogue.getPart('r', '/nul')).document).to.deep.equal({a: '\u0000', constructor: 1, toString: null});
  });

  it('refuses facts member by member', async () => {
    const catalogue = await engine.catalogue();
    const fact = partial('/a', 'r1');
    const bad: [string, unknown][] = [
      ['/0', null], ['/0', []], ['/0', {...fact, extra: 1}], ['/0', {...fact, key: 'x'}], ['/0', {...fact, from: undefined}],
      ['/0/from', {...fact, from: ''}],
      ['/0/kind', {...fact, kind: 'Partial'}], ['/0/kind', {...fact, kind: '__proto__'}], ['/0/digest', {...fact, digest: 'abc'}],
      ['/0/digest', {...fact, digest: 7}], ['/0/size', {...fact, size: 1.5}], ['/0/size', {...fact, size: '7'}], ['/0/size', {...fact, size: 2 ** 60}],
      ['/0/url', {...fact, url: 'x'}], ['/0/url', {...fact, url: 'https://elmer:hunting@example.org/'}], ['/0/more', {...fact, more: {digest: 'x'}}],
      ['/0/more', {...fact, more: {a: NaN}}], ['/0/more', {...fact, more: 7}],
    ];
    for (const [pointer, value] of bad) {
      const error = await rejection<Refused>(catalogue.publish('r', [value as Fact], NEW));
      expect(error, JSON.stringify(value)).to.include({code: 'INVALID_FACT', index: 0, pointer});
      expect(error.message).to.not.contain('hunting');
    }
    await catalogue.publish('r', [{path: '/a', kind: 'source', key: 'x', digest: 'A'.repeat(128), size: 0, more: {note: [1]}}], NEW);
    expect((await catalogue.getPart('r', '/a')).document).to.deep.equal({facts: [{kind: 'source', key: 'x', digest: 'a'.repeat(128), size: 0, note: [1]}]});
  });

  it('names the option of a misuse', async () => {
    const catalogue = await engine.catalogue();
    for (const [write, text] of [
      [() => catalogue.publish('r', 7 as never, NEW), 'facts'], [() => catalogue.publish('r', [], {...NEW, force: true} as never), 'force'],
      [() => catalogue.patch(PART, {}, ELMER), 'base'], [() => catalogue.patch(PART, {}, {...ELMER, base: 1, releaseBase: 1}), 'base'],
      [() => catalogue.replace(PART, {}, {...ELMER, ifVersion: -1}), 'ifVersion'],
      [() => catalogue.setReadOnly('r', 1 as never, {...ELMER, ifVersion: 1}), 'readOnly'],
      [() => catalogue.list({limit: 0}), 'limit'], [() => catalogue.create('r', {...PRODUCT, schema: 0}, ELMER), 'schema'],
    ] as const) expect(await rejection(write())).to.match(/TypeError|RangeError/).and.to.have.property('message').that.contains(text);
    expect(await rejection(catalogue.create('r', {...PRODUCT, hashFunction: 'sha0'}, ELMER))).to.include({code: 'INVALID_DOCUMENT', pointer: '/hashFunction'});
  });
}
