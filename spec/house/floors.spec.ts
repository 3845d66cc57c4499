import {expect} from 'chai';
import {cyclesIn, faultOf, importsOf} from './floors.js';
import {filesIn, textOf} from './project.js';

describe('floors', () => {
  const lines = filesIn('src', '.ts').flatMap((path) => importsOf(path, textOf(path)));

  it('every import of src goes to its own folder or a lower floor', () => {
    expect(lines).to.not.have.length(0);
    expect(lines.map(faultOf).filter((fault) => fault !== undefined)).to.deep.equal([]);
  });

  it('every package that src imports is one that an installation has', () => {
    const {dependencies, peerDependencies} = JSON.parse(textOf('package.json')) as {dependencies: object; peerDependencies: object};
    const packages = lines.filter(({to, typeOnly}) => !typeOnly && !/^(?:node:|src\/)/.test(to));
    // The side towers are entries of their own: who imports one installs its peers.
    const strange = packages.filter(({from, to}) => !(to in dependencies)
      && !(/^src\/(?:catalogue|preferences)\//.test(from) && to in peerDependencies));
    expect(strange.map(({from, to}) => `${from} imports ${to}`)).to.deep.equal([]);
  });

  it('no file of src imports itself through others', () => {
    expect(cyclesIn(lines)).to.deep.equal([]);
  });

  describe('the check itself', () => {
    const check = (from: string, to: string): string | undefined => faultOf({from, to, typeOnly: true});

    it('allows what stands below', () => {
      expect(check('src/core/errors.ts', 'src/core/event.ts')).to.equal(undefined);
      expect(check('src/download/download.ts', 'src/writer/buffer-writer.ts')).to.equal(undefined);
      expect(check('src/factory/factory.ts', 'src/delegate/mirror-delegate.ts')).to.equal(undefined);
      expect(check('src/cli/main.ts', 'src/index.ts')).to.equal(undefined);
      expect(check('src/catalogue/merge.ts', 'src/policy/backoff.ts')).to.equal(undefined);
      expect(check('src/download/http-transport.ts', 'got')).to.equal(undefined);
      expect(check('src/preferences/store/sql-store.ts', 'src/sql/transactions.ts')).to.equal(undefined);
      expect(check('src/catalogue/store/sql-view.ts', 'kysely')).to.equal(undefined);
      expect(check('src/testing/fake-download.ts', 'src/download/download.ts')).to.equal(undefined);
    });

    it('refuses what stands above, beside or outside', () => {
      expect(check('src/core/context.ts', 'src/policy/backoff.ts')).to.contain('floor 0 may not import floor 1');
      expect(check('src/writer/tee-writer.ts', 'src/validation/size-validation.ts')).to.contain('floor 1 may not import floor 1');
      expect(check('src/batch/batch.ts', 'src/delegate/log-delegate.ts')).to.contain('floor 3 may not import floor 3');
      expect(check('src/catalogue/merge.ts', 'src/download/download.ts')).to.contain('stands on core and policy and sql only');
      expect(check('src/preferences/preferences.ts', 'src/policy/backoff.ts')).to.contain('stands on core and sql only');
      expect(check('src/streamer/streamer.ts', 'src/catalogue/merge.ts')).to.contain('side tower');
      expect(check('src/factory/factory.ts', 'src/index.ts')).to.contain('roof');
      expect(check('src/compose/segmented-download.ts', 'src/testing/test-clock.ts')).to.contain('testing is an entry of its own');
      expect(check('src/index.ts', 'src/testing/index.ts')).to.contain('testing is an entry of its own');
      expect(check('src/odds/ends.ts', 'src/core/clock.ts')).to.contain('no floor');
      expect(check('src/core/clock.ts', 'spec/support/test-clock.ts')).to.contain('stands alone');
      expect(check('src/download/http-download.ts', 'got')).to.contain('http-transport');
      expect(check('src/monitor/progress-monitor.ts', 'cli-progress')).to.contain('cli');
      expect(check('src/sql/transactions.ts', 'src/policy/backoff.ts')).to.contain('floor 1 may not import floor 1');
      expect(check('src/catalogue/catalogue.ts', 'pg')).to.contain('sql');
      expect(check('src/streamer/streamer.ts', 'kysely')).to.contain('sql');
    });

    it('sees every form of import, and cycles that are not types only', () => {
      const text = `import a from './a.js'; import type {B} from '../b/b.js'; export * from '@x/y/z'; export type {C} from './c.js';
        const d = await import('node:fs/promises'); type E = import('got/dist').E;`;
      expect(importsOf('src/m/n.ts', text).map(({to, typeOnly}) => [to, typeOnly])).to.deep.equal([
        ['src/m/a.ts', false], ['src/b/b.ts', true], ['@x/y', false], ['src/m/c.ts', true], ['node:fs', false], ['got', true]]);
      const line = (from: string, to: string, typeOnly = false): {from: string; to: string; typeOnly: boolean} => ({from, to, typeOnly});
      const loop = [line('src/a', 'src/b'), line('src/b', 'src/c'), line('src/c', 'src/b')];
      expect(cyclesIn(loop)).to.deep.equal(['src/b → src/c → src/b']);
      expect(cyclesIn([line('src/a', 'src/b'), line('src/b', 'src/a', true)])).to.deep.equal([]);
    });
  });
});
