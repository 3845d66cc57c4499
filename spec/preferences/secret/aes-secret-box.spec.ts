import {expect} from 'chai';
import {Secret} from '../../../src/core/secret.js';
import type {SecretBinding} from '../../../src/preferences/contract.js';
import {SecretUnavailable} from '../../../src/preferences/preferences-errors.js';
import {AesSecretBox} from '../../../src/preferences/secret/aes-secret-box.js';
import {rejectionOf} from '../preferences-stage.js';

const KEYS = {a: Buffer.alloc(32, 1), b: Buffer.alloc(32, 2)};
const HERE: SecretBinding = {store: 's', scope: 'registry.example', owner: 'elmer', setting: 'auth.token'};

describe('AesSecretBox', () => {
  const box = new AesSecretBox({keys: KEYS, current: 'a'});

  it('opens what it sealed, each time another envelope', async () => {
    const [one, two] = [await box.seal(new Secret('plantedword ü'), HERE), await box.seal(new Secret('plantedword ü'), HERE)];
    expect(one).not.to.equal(two);
    expect(one).not.to.include('plantedword');
    expect((await box.open(one, HERE)).reveal()).to.equal('plantedword ü');
    expect((await box.open(await box.seal(new Secret(''), HERE), HERE)).reveal()).to.equal('');
  });

  it('opens no envelope that is bound to another place, changed, or no envelope', async () => {
    const envelope = await box.seal(new Secret('plantedword'), HERE);
    for (const other of [{store: 't'}, {scope: 'b'}, {scope: undefined}, {owner: 'bugs'}, {setting: 'auth.password'}]) {
      expect(await rejectionOf(box.open(envelope, {...HERE, ...other})), JSON.stringify(other)).to.be.instanceOf(SecretUnavailable);
    }
    const [version, key, body = ''] = envelope.split('.');
    const flipped = Buffer.from(body, 'base64url');
    flipped[20] = (flipped[20] ?? 0) ^ 1;
    for (const bad of [`${version}.b.${body}`, `${version}.c.${body}`, `2.${key}.${body}`, `${version}.${key}.${body.slice(0, -4)}`, 'x',
      '',
      `${version}.${key}.${flipped.toString('base64url')}`]) {
      expect(await rejectionOf(box.open(bad, HERE)), bad).to.be.instanceOf(SecretUnavailable);
    }
  });

  it('opens envelopes of old keys, and tells them from new ones', async () => {
    const old = await box.seal(new Secret('plantedword'), HERE);
    const rotated = new AesSecretBox({keys: KEYS, current: 'b'});
    expect((await rotated.open(old, HERE)).reveal()).to.equal('plantedword');
    expect([rotated.isCurrent(old), rotated.isCurrent(await rotated.seal(new Secret(''), HERE))]).to.deep.equal([false, true]);
  });

  it('refuses keys that are none, without showing them', () => {
    expect(() => new AesSecretBox({keys: {a: Buffer.from('plantedword')}, current: 'a'})).to.throw(TypeError).with.property('message')
      .that.does.not.include('planted');
    expect(() => new AesSecretBox({keys: KEYS, current: 'c'})).to.throw(TypeError, 'secretBox.current');
    expect(() => new AesSecretBox({keys: {'a.b': KEYS.a}, current: 'a.b'})).to.throw(TypeError);
  });
});
