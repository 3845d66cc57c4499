import {expect} from 'chai';
import {parseChallenge} from '../../src/delegate/challenge.js';

describe('parseChallenge', () => {
  const good: [string, object][] = [
    ['Bearer realm="https://auth.example/token"', {realm: 'https://auth.example/token', service: undefined, scope: undefined}],
    ['bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
      {realm: 'https://auth.example/token', service: 'registry.example', scope: 'repository:a/b:pull,push'}],
    ['Basic realm="x", Bearer realm="https://auth.example/" , scope = "a b"',
      {realm: 'https://auth.example/', service: undefined, scope: 'a b'}],
    ['Bearer realm="https://auth.example/",service=plain, Basic realm="https://evil.example/"',
      {realm: 'https://auth.example/', service: 'plain', scope: undefined}],
    ['Bearer realm="https://auth.example/a\\"b"', {realm: 'https://auth.example/a"b', service: undefined, scope: undefined}],
    ['Bearer REALM="https://one.example/", realm="https://two.example/"',
      {realm: 'https://one.example/', service: undefined, scope: undefined}],
  ];
  for (const [header, challenge] of good) {
    it(`reads ${header}`, () => {
      expect(parseChallenge(header)).to.deep.equal(challenge);
    });
  }

  for (const header of ['', 'Bearer', 'Basic realm="https://auth.example/"', 'Bearer service="x"', 'Bearer realm="members"',
    'Bearer realm="file:///etc/passwd"',
    'Bearer realm="javascript:1"', 'XBearer realm="https://auth.example/"']) {
    it(`finds none in ${header === '' ? 'nothing' : header}`, () => {
      expect(parseChallenge(header)).to.equal(undefined);
    });
  }

  it('is done with a long hostile header at once', () => {
    const start = performance.now();
    for (const hostile of [`realm="${'\\'.repeat(16_000)}`, ', a'.repeat(8000), ' '.repeat(16_000), 'a'.repeat(16_000)]) {
      parseChallenge(`Bearer ${hostile}`);
    }
    expect(performance.now() - start).to.be.below(100);
  });
});
