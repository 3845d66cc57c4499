import {expect} from 'chai';
import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import ts from 'typescript';
import type {ScriptedServer} from '../../src/testing/scripted-server.js';
import {blocksOf} from './docs-blocks.js';
import {CONTENT_SHA256, startExampleSite} from './example-site.js';
import {compilerOptions, filesIn, ROOT, textOf} from './project.js';
import {runScript} from './run-script.js';

/*
 * What every `ts` block of README.md and docs may use without declaring it (a block may declare the names itself):
 *   url         the address of a file on a local server (spec/house/example-site.ts says what else it serves)
 *   site        the address of that server's root, with a slash at its end
 *   sha256      the file's SHA-256, lower-case hex
 *   folder      an empty folder, also the working directory
 */
const PRELUDE = ['url', 'site', 'sha256', 'folder'];
const FOLDER = '.docs-run';

describe('documentation blocks', () => {
  const pages = ['README.md', ...filesIn('docs', '.md')];
  const scripts = pages.filter(exists).flatMap((page) => blocksOf(page, textOf(page)));
  const files = scripts.map(({page, line}) => `${FOLDER}/${page.replace(/\.md$/, '').replaceAll('/', '-')}-${line}.ts`);
  const prelude = join(ROOT, FOLDER, 'prelude.mjs');
  let site: ScriptedServer;

  before(async () => {
    mkdirSync(join(ROOT, FOLDER), {recursive: true});
    writeFileSync(join(ROOT, FOLDER, '.gitignore'), '*\n');
    writeFileSync(join(ROOT, FOLDER, 'prelude.d.ts'), PRELUDE.map((name) => `declare const ${name}: string;\n`).join(''));
    writeFileSync(prelude, 'Object.assign(globalThis, JSON.parse(process.env.JUPITER_PRELUDE), {folder: process.cwd()});\n');
    scripts.forEach(({text}, at) => { writeFileSync(join(ROOT, files[at] ?? ''), text); });
    site = await startExampleSite();
  });

  after(async () => {
    await site.close();
    rmSync(join(ROOT, FOLDER), {recursive: true, force: true});
  });

  it('there are some', () => {
    expect(scripts).to.not.have.length(0);
  });

  it('type-check', function test() {
    this.timeout(120_000);
    const options = compilerOptions({noUnusedLocals: false, noUnusedParameters: false, types: ['node']});
    const program = ts.createProgram([...files, `${FOLDER}/prelude.d.ts`].map((file) => join(ROOT, file)), options);
    const faults = scripts.flatMap(({page}, at) => {
      const source = program.getSourceFile(join(ROOT, files[at] ?? ''));
      return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(({start, messageText}) => {
        const line = source?.getLineAndCharacterOfPosition(start ?? 0).line ?? 0;
        return `${page}:${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
      });
    });
    expect(faults).to.deep.equal([]);
  });

  scripts.forEach(({page, line, runs}, at) => {
    if (!runs) return;
    it(`runs ${page}:${line}`, async function test() {
      this.timeout(90_000);
      const given = JSON.stringify({url: site.url('/file.bin'), site: site.url('/'), sha256: CONTENT_SHA256});
      const end = await runScript(files[at] ?? '', {JUPITER_PRELUDE: given}, [pathToFileURL(prelude).href]);
      expect(end.code, end.output).to.equal(0);
    });
  });
});

describe('blocksOf', () => {
  const page = ['# T', '```ts run', 'a;', '```', '```ts no-run', 'b;', '```', '```sh', 'c', '```',
    '```ts more', 'd;', '```', '```ts', 'e;', '```'];

  it('keeps line numbers, joins `more`, drops `no-run`', () => {
    const blocks = blocksOf('p.md', page.join('\n'));
    expect(blocks.map(({line, runs}) => [line, runs])).to.deep.equal([[2, true], [14, false]]);
    expect(blocks.map(({text}) => text.split('\n').flatMap((code, at) => code === '' ? [] : [`${at + 1} ${code}`])))
      .to.deep.equal([['3 a;', '12 d;', '17 export {};'], ['15 e;', '17 export {};']]);
  });

  it('refuses marks that it does not know', () => {
    expect(() => blocksOf('p.md', '```ts skip\n```')).to.throw('p.md:1: unknown mark skip');
    expect(() => blocksOf('p.md', '```typescript\n```')).to.throw('p.md:1: call it ts');
  });
});

function exists(path: string): boolean {
  return ts.sys.fileExists(join(ROOT, path));
}
