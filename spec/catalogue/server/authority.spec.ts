import {expect} from 'chai';
import {SCOPES, type Grant, type Scope} from '../../../src/catalogue/server/scope.js';
import {newToken} from '../../../src/catalogue/server/token-text.js';
import {partial} from '../facts.js';
import {useServed, type Ask} from './served.js';

const GUARDED = {'if-match': '*'};

describe('Authority', () => {
  const served = useServed();
  const {ask} = served;
  const tokens = SCOPES.map((scope, at) => [scope, newToken((bytes) => Buffer.alloc(bytes, at + 1)).text]);
  const texts = Object.fromEntries(tokens) as Record<Scope, string>;
  const known = new Map<string, Grant>();
  const asked: string[] = [];

  beforeEach(async () => {
    asked.length = 0;
    for (const scope of SCOPES) known.set(texts[scope], {name: `bot-${scope}`, scopes: [scope]});
    await served.start({tokens: {find: async (token) => {
      asked.push(token);
      return known.get(token);
    }}});
    await served.catalogue.create('r1', {product: 'firefox'}, {actor: 'elmer'});
  });

  const bearer = (scope: Scope): Record<string, string> => ({authorization: `Bearer ${texts[scope]}`});
  const routes: [Scope, string, string, Ask?][] = [
    ['read', 'GET', '/releases'], ['read', 'GET', '/releases/r1'], ['read', 'GET', '/releases/r1/history'], ['read', 'GET', '/changes'],
    ['read', 'GET', '/changes/1'], ['read', 'GET', '/api/releases/r1'],
    ['publish', 'POST', '/releases', {json: {name: 'r2', product: 'firefox'}}],
    ['publish', 'POST', '/releases/r1/facts', {json: [partial('/linux', 'r0')]}],
    ['publish', 'PUT', '/releases/r1/parts/mac', {json: {}}],
    ['publish', 'DELETE', '/releases/r1/parts/mac', {headers: GUARDED}],
    ['admin', 'PUT', '/releases/r1/read-only', {json: {readOnly: false}, headers: GUARDED}],
    ['admin', 'POST', '/changes/3/revert'],
    ['admin', 'DELETE', '/releases/r1', {headers: GUARDED}],
  ];
  it('lets each scope do what it is for, and no more', async () => {
    for (const [needed, method, path, what = {}] of routes) {
      for (const scope of SCOPES.slice(0, SCOPES.indexOf(needed))) {
        const reply = await ask(method, path, {...what, headers: {...what.headers, ...bearer(scope)}});
        expect([reply.status, reply.body.code], `${scope}: ${method} ${path}`).to.deep.equal([403, 'FORBIDDEN']);
      }
      const reply = await ask(method, path, {...what, headers: {...what.headers, ...bearer(needed)}});
      expect(reply.status, `${method} ${path} ${reply.text}`).to.be.oneOf([200, 201]);
    }
  });

  it('asks for a token wherever one is needed, before it reads the body', async () => {
    for (const [, method, path] of routes) {
      const reply = await ask(method, path, method === 'GET' ? {} : {body: '{"broken', type: 'application/json'});
      expect([reply.status, reply.body.code], path).to.deep.equal([401, 'UNAUTHORIZED']);
      expect(reply.headers['www-authenticate']).to.match(/^Bearer /);
    }
    expect((await ask('GET', '/health')).status).to.equal(200);
    expect((await ask('GET', '/openapi.json')).status).to.equal(200);
    expect(asked).to.deep.equal([]);
  });

  it('refuses tokens that nobody has, and other schemes', async () => {
    const text = texts.admin;
    for (const authorization of [`Bearer ${text}x`, 'Bearer', 'Bearer ', `Token ${text}`, text, `Bearer ${text} ${text}`,
      `Basic ${Buffer.from(`elmer:${text}`).toString('base64')}`]) {
      expect((await ask('GET', '/releases', {headers: {authorization}})).status, authorization).to.equal(401);
    }
    expect((await ask('GET', `/releases?access_token=${text}`)).status).to.equal(401);
    expect((await ask('GET', '/releases', {headers: {authorization: `bearer  ${text}`}})).status).to.equal(200);
  });

  it('takes the password of Basic for a token from old clients', async () => {
    const authorization = `Basic ${Buffer.from(`elmer:${texts.read}`).toString('base64')}`;
    expect((await ask('GET', '/api/releases/r1', {headers: {authorization}})).status).to.equal(200);
    const refused = await ask('GET', '/api/releases/r1');
    expect([refused.status, refused.headers['www-authenticate']]).to.deep.equal([401, 'Bearer realm="catalogue", Basic realm="catalogue"']);
  });

  it('notes the token\'s name as the writer, which nobody can make up', async () => {
    await ask('PUT', '/releases/r1/parts/a', {json: {}, headers: bearer('publish')});
    await ask('PUT', '/releases/r1/parts/b', {json: {}, headers: {...bearer('publish'), 'catalogue-actor': 'bot-admin'}});
    expect((await served.catalogue.changes({after: 1})).map(({actor}) => actor)).to.deep.equal(['bot-publish', 'bot-publish/bot-admin']);
  });

  it('shows no token in an answer, the history or a report', async () => {
    const secret = texts.publish;
    const replies = [
      await ask('GET', '/nothing', {headers: bearer('publish')}), await ask('DELETE', '/releases/r1', {headers: bearer('publish')}),
      await ask('PUT', '/releases/r1/parts/a', {json: {}, headers: {...bearer('publish'), 'idempotency-key': 'k'}}),
      await ask('GET', `/releases?${secret}`, {headers: bearer('publish')}), await ask('GET', '/changes', {headers: bearer('publish')}),
    ];
    await served.start({tokens: {find: async (token) => { throw new Error(`no row for ${token}, Authorization: Bearer ${token}`); }}});
    replies.push(await ask('GET', '/releases', {headers: bearer('publish')}));
    expect(replies.at(-1)?.status).to.equal(500);
    for (const {text, headers} of replies) expect(`${text}${JSON.stringify(headers)}`).to.not.contain(secret);
    expect(await served.engine.dump()).to.not.contain(secret);
    expect(served.faults).to.have.length(1);
    const {message, stack} = served.faults[0]?.error as Error;
    expect(`${message}${stack}`).to.contain('no row for ***').and.to.not.contain(secret);
  });
});
