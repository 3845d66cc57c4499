import {expect} from 'chai';
import {writeFile} from 'node:fs/promises';
import {downloadRegistry} from '../../src/preferences/registry/download-registry.js';
import {useTempFolder} from '../../src/testing/temp-folder.js';
import {runLines} from './prefs-runs.js';

const CANARY = 'canary-5f3a91';
/** A secret in the value of a private setting, as people put it there by mistake. `kept`: it may be stored, and is not shown. */
const MISTAKES: Readonly<Record<string, readonly [value: string, kept: boolean]>> = {
  'proxy.url': [`http://elmer:${CANARY}@gateway.example`, false],
  'proxy.user': [`elmer:${CANARY}`, false],
  'proxy.bypass': [`http://elmer:${CANARY}@host.example`, false],
  'tls.ca': [`/etc/ca?token=${CANARY}`, true],
  'tls.ca.only': [CANARY, false],
  'tls.certificate': [`-----BEGIN ${CANARY}`, false],
  'tls.verify': [CANARY, false],
  'auth.user': [`elmer:${CANARY}`, false],
  'headers.public': [`x-api-key: ${CANARY}`.replace(' ', ''), false],
  'hosts': [`elmer:${CANARY}@host.example`, false],
  'mirrors': [`https://mirror.example/?token=${CANARY}`, true],
  'digests': [`sha256:${CANARY}`, false],
};
const REMOTE = '--remote https://dead.invalid/';

describe('secrets in preferences', function suite() {
  this.timeout(60_000);
  const folder = useTempFolder();

  it('show in the output of no command, whatever setting they are in', async () => {
    await writeFile(folder.join('secret'), `${CANARY}-file\n`);
    await writeFile(folder.join('keys'), `k1 ${'ab'.repeat(32)}\n`, {mode: 0o600});
    const hidden = downloadRegistry().settings.filter(({exposure}) => exposure !== 'public');
    const planted = hidden.flatMap(({name, exposure}) => {
      if (exposure === 'private') return [`prefs set ${name} ${MISTAKES[name]?.[0] ?? ''} ${REMOTE}`];
      if (name === 'headers') {
        return [`prefs set headers x-one=env:CANARY x-two=file:secret ${REMOTE}`, `prefs set headers x-one=${CANARY} ${REMOTE}`];
      }
      return [`prefs set ${name} ${CANARY} ${REMOTE}`, `prefs set ${name} --from-env ${CANARY} ${REMOTE} --origin https://dead.invalid`,
        `prefs set ${name} --from-env CANARY ${REMOTE} --origin https://dead.invalid`,
        `prefs set ${name} --from-file secret --global --origin https://dead.invalid`];
    });
    const reading = hidden.flatMap(({name}) => [`prefs get ${name} ${REMOTE}`, `prefs inspect ${name} ${REMOTE}`,
      `prefs inspect ${name} --json ${REMOTE}`]);
    const rest = [`prefs list --all ${REMOTE}`, `prefs list --all --json ${REMOTE}`, 'prefs list --global', 'prefs export',
      'prefs cleanup', 'prefs rotate',
      'get https://dead.invalid/file --timeout 500ms --retries 0 --verbose --json',
      'get https://dead.invalid/file --timeout 500ms --remote r',
      ...hidden.map(({name}) => `prefs unset ${name} ${REMOTE}`), 'prefs unset --all --global'];
    const told = await runLines(folder.path, [...planted, ...reading, ...rest], {CANARY: `${CANARY}-env`, JUPITER_PREFS_KEYS: 'keys'});

    const shown = told.filter(({stdout, stderr}) => (stdout + stderr).includes('5f3a91'));
    expect(shown.map(({line, stdout, stderr}) => [line, stdout, stderr])).to.deep.equal([]);
    // They were planted: secrets are set, and of the mistakes those that can be stored.
    const codes = new Map(told.map(({line, code}) => [line, code]));
    for (const [name, [value, kept]] of Object.entries(MISTAKES)) {
      expect(codes.get(`prefs set ${name} ${value} ${REMOTE}`), name).to.equal(kept ? 0 : 2);
    }
    for (const {name, exposure} of hidden) {
      const answer = told.find(({line}) => line === `prefs get ${name} ${REMOTE}`)?.stdout;
      if (exposure === 'secret') expect(answer, name).to.equal(`{"name":"${name}","isSet":true}\n`);
      else expect(MISTAKES, name).to.have.property(name);
    }
  });
});
