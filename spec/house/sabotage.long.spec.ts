import {expect} from 'chai';
import {runSabotaged, type Sabotage} from './sabotage.js';

const REDIRECTS = ['spec/download/http-credentials.spec.ts', 'spec/download/http-redirect.spec.ts'];

/** Each breaks one promise in the way that other downloaders do. A spec that stays green over one of these proves nothing. */
const SABOTAGES: readonly Sabotage[] = [
  {
    name: 'no length check', file: 'src/download/pump.ts', specs: ['spec/flow/wire.spec.ts', 'spec/download/pump.spec.ts'],
    from: 'if (length !== accepted) throw', to: 'if (length < 0) throw',
  },
  {
    name: 'append on 200', file: 'src/download/http-continuation.ts', specs: ['spec/flow/resume-matrix.spec.ts'],
    from: 'return {offset: 0, length: answer.length};', to: 'return {offset: asked.offset, length: answer.length, total: asked.key.total};',
  },
  {
    name: 'no If-Range and no look at the validator', file: 'src/download/http-continuation.ts', specs: ['spec/flow/resume-matrix.spec.ts'],
    from: 'if (addressId(url) !== key.hop) return proven;', to: 'if (addressId(url) !== "") return true;',
  },
  {
    name: 'no fsync of the bytes', file: 'src/writer/staging.ts', specs: ['spec/flow/power-cut.spec.ts'],
    from: 'if (sync) await part.sync();', to: '',
  },
  {
    name: 'no sync of the folder', file: 'src/writer/file-writer.ts', specs: ['spec/flow/power-cut.spec.ts'],
    from: 'await folders.settle(dirname(path));', to: '',
  },
  {
    name: 'the journal before the bytes', file: 'src/writer/staging.ts', specs: ['spec/flow/power-cut-resume.spec.ts'],
    from: 'await part.sync();\n    return part.path;', to: 'return part.path;',
  },
  {
    name: 'trust in kept bytes, unread', file: 'src/writer/part-keeper.ts', specs: ['spec/flow/resume-matrix.spec.ts'],
    from: 'hash.copy().digest(\'hex\') === entry.prefix', to: 'hash.copy().digest(\'hex\') !== ""',
  },
  {
    name: 'headers kept on a redirect', file: 'src/download/header-scopes.ts', specs: REDIRECTS,
    from: 'if (this.#public.has(name)) shown[name] = value;', to: 'shown[name] = value;',
  },
  {
    name: 'the login kept on a redirect', file: 'src/download/http-download.ts', specs: REDIRECTS,
    from: '(origin === this.#home ? this.#user : undefined)', to: 'this.#user',
  },
  {
    name: 'digests ignored', file: 'src/validation/digest-validation.ts', specs: ['spec/validation/digest-validation.spec.ts'],
    from: 'apply(): void {', to: 'apply(): void { if (this.constructor.name !== "") return;',
  },
];

describe('sabotaged builds', () => {
  for (const sabotage of SABOTAGES) {
    it(`is seen: ${sabotage.name}`, async function () {
      this.timeout(300_000);
      const {failed, output} = await runSabotaged(sabotage);
      expect(failed, output).to.equal(true);
    });
  }
});
