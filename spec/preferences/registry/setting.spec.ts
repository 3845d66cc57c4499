import {expect} from 'chai';
import {z} from 'zod';
import {InvalidName, InvalidValue, SecretRefused} from '../../../src/preferences/preferences-errors.js';
import {Setting, type SettingOptions} from '../../../src/preferences/registry/setting.js';

const declare = (options: Partial<SettingOptions>): Setting =>
  new Setting({name: 'x.some', type: z.json(), default: null, summary: 'a spec', ...options});

describe('Setting', () => {
  it('takes lower-case names with dots, up to 128 bytes, and no others', () => {
    const longest = `x.${'a'.repeat(126)}`;
    for (const name of ['a', 'a.b', 'a1.b_2', longest]) expect(declare({name}).name).to.equal(name);
    for (const name of ['', 'A', 'a-b', 'a..b', '.a', 'a.', '1a', 'ä', 'a b', 'a-local-exception', `${longest}a`]) {
      expect(() => declare({name}), name).to.throw(InvalidName);
    }
  });

  it('takes a value of 65,530 bytes, and refuses one more instead of cutting it', () => {
    const setting = declare({});
    expect(setting.encode('x'.repeat(65_528))).to.have.length(65_530);
    expect(() => setting.encode('x'.repeat(65_529))).to.throw(InvalidValue, 'at most 65530 bytes of JSON, got 65531');
    expect(() => setting.encode('ü'.repeat(32_765))).to.throw(InvalidValue, 'got 65532');
  });

  it('lets only booleans, bounded numbers and enumerations be public', () => {
    for (const [type, value] of [[z.boolean(), true], [z.number().min(0).max(9), 1], [z.enum(['a', 'b']), 'a'],
      [z.number().min(0).max(9).nullable(), null]] as const) {
      expect(declare({type, default: value, exposure: 'public'}).exposure).to.equal('public');
    }
    for (const [type, value] of [[z.string(), ''], [z.number(), 1], [z.number().min(0), 1], [z.array(z.boolean()), []],
      [z.string().nullable(), null]] as const) {
      expect(() => declare({type, default: value, exposure: 'public'})).to.throw(TypeError, 'may be public');
    }
  });

  it('shows neither the value nor what a schema says of a secret', () => {
    const secret = declare({type: z.string().regex(/^a/, 'begins with plantedword'), default: 'a', exposure: 'secret'});
    expect(() => secret.encode('plantedword')).to.throw(InvalidValue).with.property('message', 'x.some: not a value that it takes');
    const open = declare({type: z.strictObject({at: z.number()}), default: {at: 1}});
    expect(() => open.encode({at: 1, plantedword: 1})).to.throw(InvalidValue).with.property('message', 'x.some: expected no other keys');
    const thrower = declare({type: z.string().refine((text) => new URL(text).host !== ''), default: 'http://a'});
    expect(() => thrower.encode('http://a:plantedword/x@h')).to.throw(InvalidValue).with.property('message',
      'x.some: not a value that it takes');
    expect(() => open.encode({at: 'plantedword'})).to.throw(InvalidValue).with.property('message').that.matches(/^x\.some: at at: /)
      .and.does.not.include('plantedword');
  });

  it('refuses credentials inside a URL, wherever it stands', () => {
    for (const value of ['http://elmer:plantedword@host/', 'see ftp://elmer@host', ['a', {b: 'https://u:p@h'}], {'https://u:p@h': 1},
      'http:\\\\elmer:a@host', 'HTTPS://u:p@h', 'http:elmer:plantedword@host', 'http:/elmer:plantedword@host', ' https:u@host',
      'http:\t//elmer:plantedword@host', 'http://elmer:planted\tword@host', 'http://elmer:a b@host', 'via http:u:p@h']) {
      expect(() => declare({}).encode(value), JSON.stringify(value)).to.throw(SecretRefused).with.property('message')
        .that.does.not.include('plantedword');
    }
    for (const value of ['http://host/@a', 'http://host?a=b@c', 'elmer@host.example', 'http://host#@', 'mailto:elmer@host']) expect(declare({}).encode(value))
      .to.equal(JSON.stringify(value));
  });

  it('is protective when it is secret, and refuses a default that it does not take', () => {
    expect(declare({exposure: 'secret'}).protective).to.be.true;
    expect(declare({}).protective).to.be.false;
    expect(() => declare({type: z.boolean(), default: 1})).to.throw(InvalidValue);
    expect(() => declare({exposure: 'open' as never})).to.throw(TypeError);
    expect(() => declare({type: 'boolean' as never})).to.throw(TypeError);
  });

  it('reads back what it takes, and nothing else', () => {
    const setting = declare({type: z.boolean(), default: true});
    expect(setting.decode('false')).to.deep.equal({value: false});
    for (const text of ['0', '"false"', '{', '']) expect(setting.decode(text)).to.equal(undefined);
  });
});
