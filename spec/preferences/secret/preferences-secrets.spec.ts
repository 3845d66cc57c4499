import {expect} from 'chai';
import {inspect} from 'node:util';
import {Secret} from '../../../src/core/secret.js';
import {CentralUnavailable, SecretRefused, SecretUnavailable} from '../../../src/preferences/preferences-errors.js';
import type {Preferences} from '../../../src/preferences/preferences.js';
import {AesSecretBox} from '../../../src/preferences/secret/aes-secret-box.js';
import {useTempFolder} from '../../../src/testing/index.js';
import {HERE, rejectionOf, usePreferencesStage} from '../preferences-stage.js';

const ORIGIN = 'https://registry.example';
const PLANTED = 'plantedword';

describe('Preferences: secrets', () => {
  const stage = usePreferencesStage();
  const folder = useTempFolder();
  const box = new AesSecretBox({keys: {a: Buffer.alloc(32, 7)}, current: 'a'});
  let preferences: Preferences;

  beforeEach(() => { preferences = stage.another({secrets: {box, environment: {TOKEN: PLANTED, EMPTY: ''}}}); });

  const revealed = async (name: string, origin = ORIGIN): Promise<unknown> => {
    const secret = await preferences.secret(HERE, name, origin);
    if (secret === undefined || secret instanceof Secret) return secret?.reveal();
    return Object.fromEntries(Object.entries(secret).map(([key, value]) => [key, value.reveal()]));
  };

  it('keeps plain secrets sealed only, and refuses them without a box', async () => {
    await preferences.setLocal(HERE, 'auth.token', PLANTED);
    await preferences.setLocal(HERE, 'headers', {'x-key': PLANTED, 'x-other': {env: 'TOKEN'}});
    expect([await revealed('auth.token'), await revealed('headers')]).to.deep.equal([PLANTED, {'x-key': PLANTED, 'x-other': PLANTED}]);
    const rows = (await stage.local.store.locals(HERE.scope, ['elmer'], undefined)).get('elmer')?.rows;
    expect(rows).to.have.length(2);
    expect(JSON.stringify(rows)).not.to.include(PLANTED);
    const fault = await rejectionOf(stage.preferences.setLocal(HERE, 'auth.password', PLANTED));
    expect(fault).to.be.instanceOf(SecretRefused);
    expect(inspect(fault, {depth: 9})).not.to.include(PLANTED);
  });

  it('changes no row when the same secret is set again, though each envelope is another', async () => {
    await preferences.setLocal(HERE, 'auth.token', PLANTED);
    await preferences.setGlobal('elmer', 'proxy.password', PLANTED, {origin: ORIGIN});
    expect(await preferences.setLocal(HERE, 'auth.token', new Secret(PLANTED))).to.include({rows: 0});
    expect(await preferences.setGlobal('elmer', 'proxy.password', PLANTED, {origin: ORIGIN})).to.include({rows: 0});
    expect(await preferences.setLocal(HERE, 'auth.token', 'another')).to.include({rows: 1});
  });

  it('follows references to variables and files, and says when they lead nowhere', async () => {
    await preferences.setLocal(HERE, 'auth.token', {env: 'TOKEN'});
    await preferences.setLocal(HERE, 'auth.password', {file: await folder.write('password', `${PLANTED}\n`)});
    expect([await revealed('auth.token'), await revealed('auth.password')]).to.deep.equal([PLANTED, PLANTED]);
    await preferences.setLocal(HERE, 'auth.token', {env: 'EMPTY'});
    await preferences.setLocal(HERE, 'auth.password', {file: folder.join('none')});
    for (const name of ['auth.token', 'auth.password']) expect(await rejectionOf(preferences.secret(HERE, name, ORIGIN)))
      .to.be.instanceOf(SecretUnavailable);
    expect(await preferences.secret(HERE, 'tls.key', ORIGIN)).to.equal(undefined);
  });

  it('gives a global secret to its own origin only, and takes none without one', async () => {
    for (const value of [PLANTED, {env: 'TOKEN'}]) {
      expect(await rejectionOf(preferences.setGlobal('elmer', 'auth.token', value))).to.be.instanceOf(SecretRefused);
    }
    expect(await rejectionOf(preferences.setGlobal('elmer', 'headers', {a: {env: 'TOKEN', origin: ORIGIN}, b: {env: 'TOKEN'}})))
      .to.be.instanceOf(SecretRefused);
    await preferences.setGlobal('elmer', 'auth.token', PLANTED, {origin: ORIGIN});
    expect([await revealed('auth.token'), await revealed('auth.token', 'https://evil.example')]).to.deep.equal([PLANTED, undefined]);
    await preferences.setGlobal('elmer', 'headers', {a: {env: 'TOKEN', origin: ORIGIN}, b: {env: 'TOKEN', origin: 'https://b.example'}});
    expect(await revealed('headers')).to.deep.equal({a: PLANTED});
    // Headers may be named as the fields of a reference.
    await preferences.setGlobal('elmer', 'headers', {env: {env: 'TOKEN', origin: ORIGIN}});
    expect(await revealed('headers')).to.deep.equal({env: PLANTED});
    expect(await rejectionOf(preferences.setGlobal('elmer', 'headers', {env: {env: 'TOKEN'}, origin: {env: 'TOKEN'}})))
      .to.be.instanceOf(SecretRefused);
    await stage.central.store.writeGlobals([{owner: 'elmer', setting: 'auth.token', value: '{"env":"TOKEN"}'}]);
    await stage.clock.advance(5000);
    expect(await revealed('auth.token'), 'written by somebody else, without an origin').to.equal(undefined);
  });

  it('opens a global envelope while the central store is away, and none that was copied elsewhere', async () => {
    await preferences.setGlobal('elmer', 'auth.token', PLANTED, {origin: ORIGIN});
    const [row] = (await stage.central.store.globals(['elmer'])).get('elmer') ?? [];
    await stage.local.store.writeLocals([{...HERE, scope: 'copy', setting: 'auth.token', value: row?.value, exception: true}]);
    stage.central.goAway();
    preferences = stage.another({secrets: {box}});
    expect(await revealed('auth.token')).to.equal(PLANTED);
    expect(await rejectionOf(preferences.secret({...HERE, scope: 'copy'}, 'auth.token', ORIGIN))).to.be.instanceOf(SecretUnavailable);
  });

  it('waits for the name of a silent central store no longer than for its rows', async () => {
    await preferences.setGlobal('elmer', 'auth.token', PLANTED, {origin: ORIGIN});
    await stage.local.store.upkeep.forgetSnapshots('');
    stage.central.holds.set('identity', new Promise(() => undefined));
    const reading = rejectionOf(stage.another({secrets: {box}}).secret(HERE, 'auth.token', ORIGIN));
    while (!stage.central.calls.includes('identity')) await new Promise(setImmediate);
    await stage.clock.advance(500);
    expect(await reading).to.be.instanceOf(CentralUnavailable);
  });

  it('tells of secrets only whether they are set', async () => {
    for (const {name} of preferences.registry.settings.filter(({exposure}) => exposure === 'secret')) {
      expect(await preferences.get(HERE, name)).to.deep.equal({name, isSet: false});
      await preferences.setLocal(HERE, name, name === 'headers' ? {[`x-${PLANTED}`]: {env: PLANTED}} : {file: `/${PLANTED}`});
      expect(await preferences.get(HERE, name)).to.deep.equal({name, isSet: true});
      const settings = await preferences.getAll(HERE);
      const shown = [await preferences.inspect(HERE, name), settings, settings.all(), settings.effective(name)];
      expect(inspect(shown, {depth: 9, showHidden: true}) + JSON.stringify(shown), name).not.to.include(PLANTED);
    }
  });
});
