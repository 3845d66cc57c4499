import {expect} from 'chai';
import {TokenSource} from '../../../src/catalogue/client/token-source.js';
import {TokenStore} from '../../../src/catalogue/server/token-store.js';
import {Secret} from '../../../src/core/secret.js';
import {useTempFolder} from '../../../src/testing/index.js';
import {rejection} from '../../support/rejection.js';
import {ELMER, PRODUCT} from '../facts.js';
import {useServedCatalogue} from './served-catalogue.js';

const VARIABLE = 'JUPITER_SPEC_TOKEN';

describe('TokenSource', () => {
  const folder = useTempFolder();
  const served = useServedCatalogue();
  afterEach(() => { Reflect.deleteProperty(process.env, VARIABLE); });

  it('takes a token as it is, from a file, or from a variable', async () => {
    process.env[VARIABLE] = ' in.variable\n';
    const file = await folder.write('token', 'in.file\n');
    const options = [undefined, 'plain', new Secret('secret'), {file}, {variable: VARIABLE}];
    const tokens = await Promise.all(options.map((option) => new TokenSource(option).get()));
    expect(tokens).to.deep.equal([undefined, 'plain', 'secret', 'in.file', 'in.variable']);
  });

  it('says where there is none, and not what is there instead', async () => {
    const file = await folder.write('token', 'plan ted');
    const table: [ConstructorParameters<typeof TokenSource>[0], string][] = [
      [{file}, `the file ${file} holds nothing that could be one (RFC 6750, b64token)`],
      [{variable: VARIABLE}, `the variable ${VARIABLE} is not set`],
      [{file: folder.join('none')}, `the token's file can't be read: ${folder.join('none')}`],
    ];
    for (const [option, message] of table) {
      expect(await rejection(new TokenSource(option).get())).to.include({code: 'TOKEN_UNAVAILABLE', retryable: false, message});
    }
  });

  it('reads a file again when the server refuses what stood in it, once', async () => {
    const tokens = await TokenStore.open(folder.join('tokens.db'));
    try {
      const old = await tokens.create({name: 'old', scopes: ['publish']});
      const fresh = await tokens.create({name: 'fresh', scopes: ['publish']});
      let asked = 0;
      const extend = (app: {addHook(name: 'onSend', hook: () => Promise<void>): unknown}): void => {
        app.addHook('onSend', async () => { asked++; });
      };
      await served.start(undefined, {tokens, extend});
      const file = await folder.write('token', old.token.reveal());
      const client = served.client({token: {file}});
      await client.create('r', PRODUCT, ELMER);
      await folder.write('token', fresh.token.reveal());
      await client.create('r2', PRODUCT, ELMER);
      await tokens.revoke(old.id);
      await client.create('r3', PRODUCT, ELMER);
      expect((await served.catalogue.changes()).map(({actor}) => actor)).to.deep.equal(['old/elmer', 'old/elmer', 'fresh/elmer']);
      await tokens.revoke(fresh.id);
      expect(await rejection(client.create('r4', PRODUCT, ELMER))).to.include({code: 'UNAUTHORIZED', status: 401});
      expect([asked, served.clock.waits]).to.deep.equal([5, []]);
      const reader = await tokens.create({name: 'reader', scopes: ['read']});
      const reading = served.client({token: reader.token.reveal()});
      expect(await rejection(reading.create('r4', PRODUCT, ELMER))).to.include({code: 'FORBIDDEN', status: 403});
      expect(asked).to.equal(6);
    } finally {
      await served.stop();
      await tokens.close();
    }
  });
});
