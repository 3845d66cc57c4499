import {expect} from 'chai';
import {runSabotaged, type Sabotage} from './sabotage.js';

const REDIRECTS = ['spec/download/http-credentials.spec.ts', 'spec/download/http-redirect.spec.ts'];
const KEPT = ['spec/writer/file-writer-resume.spec.ts'];
const KEPT_ON_FAULT = ['spec/writer/file-writer-resume-faults.spec.ts'];

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
  {
    name: 'addresses without their query', file: 'src/core/address-id.ts', specs: ['spec/core/address-id.spec.ts'],
    from: 'search.slice(1).split', to: '"".split',
  },
  {
    name: 'a rest from another query', file: 'src/core/address-id.ts', specs: ['spec/download/resuming.spec.ts'],
    from: 'search.slice(1).split', to: '"".split',
  },
  {
    name: 'addresses told apart after they were masked', file: 'src/download/http-download.ts', specs: ['spec/download/resuming.spec.ts'],
    from: 'url.includes(\'?\') ? {hop: addressId(url)} : {}', to: '{}',
  },
  {
    name: 'the weak tag not remembered', file: 'src/download/resume-key.ts', specs: ['spec/download/resuming.spec.ts'],
    from: 'tag: etag === undefined || isStrong(etag) ? undefined : etag,', to: '',
  },
  {
    name: 'a 416 that proves nothing taken for the end', file: 'src/download/http-continuation.ts', specs: ['spec/download/resuming.spec.ts'],
    from: 'if (!told && key.total === undefined && !asked.proven) throw', to: 'if (key.total === -1) throw',
  },
  {
    name: 'another weak tag under the same date', file: 'src/download/http-continuation.ts', specs: ['spec/download/resuming.spec.ts'],
    from: 'if (key.tag !== undefined && etag !== undefined && weakly(etag) !== weakly(key.tag)) return false;', to: '',
  },
  {
    name: 'a 304 believed though the file is gone', file: 'src/download/target-look.ts', specs: ['spec/download/if-changed.spec.ts'],
    from: 'for await (const _chunk of gate.read()) break;', to: '',
  },
  {
    name: 'a refused head told as a cancel', file: 'src/compose/segmented-download.ts', specs: ['spec/compose/segmented-faults.spec.ts'],
    from: 'const fault = endOf(first.attempt, thrown);\n      first.attempt.abort();',
    to: 'first.attempt.abort();\n      const fault = endOf(first.attempt, thrown);',
  },
  {
    name: 'no way back to the last journal', file: 'src/writer/part-keeper.ts', specs: KEPT_ON_FAULT,
    from: 'if (!whole && !await this.#fallBack()) return false;', to: 'if (!whole) return false;',
  },
  {
    name: 'no way back when the journal can\'t be written again', file: 'src/writer/part-keeper.ts', specs: KEPT_ON_FAULT,
    from: 'await this.#journal.write({...entry, owner: undefined}).catch(() => undefined);\n    return true;',
    to: 'await this.#journal.write({...entry, owner: undefined});\n    return true;',
  },
  {
    name: 'a way back to bytes of before a restart', file: 'src/writer/part-keeper.ts', specs: KEPT_ON_FAULT,
    from: 'this.#hash = createHash(\'sha256\');\n    this.#entry = undefined;', to: 'this.#hash = createHash(\'sha256\');',
  },
  {
    name: 'a claim that can\'t be noted again, lost', file: 'src/writer/part-keeper.ts', specs: KEPT_ON_FAULT,
    from: 'await this.#journal.write({...claim.entry, owner: undefined}).catch(() => undefined);',
    to: 'await this.#journal.write({...claim.entry, owner: undefined});',
  },
  {
    name: 'the journal of a copied part, left', file: 'src/writer/part-keeper.ts', specs: KEPT,
    from: 'else await this.#journal.settle(claim);', to: '',
  },
  {
    name: 'a claim that could not be noted, lost', file: 'src/writer/part-keeper.ts', specs: KEPT_ON_FAULT,
    from: 'await this.#journal.giveBack(claim);\n      return undefined;', to: 'return undefined;',
  },
  {
    name: 'an unused claim of an unknown owner, lost', file: 'src/writer/part-keeper.ts', specs: KEPT,
    from: 'else await this.#journal.giveBack(claim);\n      return true;', to: 'return true;',
  },
  {
    name: 'a dropped claim of an unknown owner, lost', file: 'src/writer/part-keeper.ts', specs: KEPT,
    from: 'else await this.#journal.giveBack(claim);\n  }', to: '}',
  },
  {
    name: 'what was never used, thrown away', file: 'src/writer/file-writer.ts', specs: KEPT,
    from: 'const keeps = keep || this.#keeper?.claimed === true;', to: 'const keeps = keep;',
  },
  {
    name: 'a whole file without its name, lost', file: 'src/writer/staging.ts', specs: KEPT_ON_FAULT,
    from: 'if (this.#synced !== undefined) return this.#synced;', to: '',
  },
  {
    name: 'a part left open', file: 'src/writer/file-writer.ts', specs: KEPT_ON_FAULT,
    from: 'try {\n      await this.#keeper?.forget();\n    } finally {\n      await this.#staging?.discard();\n    }',
    to: 'await this.#keeper?.forget();\n    await this.#staging?.discard();',
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
