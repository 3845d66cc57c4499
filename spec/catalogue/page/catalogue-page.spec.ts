import {expect} from 'chai';
import {readdirSync, readFileSync} from 'node:fs';
import {PAGE_FILES, PAGE_POLICY} from '../../../src/catalogue/page/catalogue-page.js';
import {partsPath, releasePath} from '../../../src/catalogue/server/url-names.js';
import {useServed} from '../server/served.js';

const STATIC = new URL('../../../src/catalogue/page/static/', import.meta.url);
const VOID = new Set(['meta', 'link', 'input', 'br', 'hr', 'img']);

/** A module of the page; those imported here do nothing by themselves. */
async function moduleOf<T>(name: string): Promise<T> {
  return await import(new URL(name, STATIC).href) as T;
}

/** What is wrong with the nesting of a page's tags. */
function faultsOf(html: string): string[] {
  const open: string[] = [];
  const faults: string[] = [];
  for (const [, end, name = ''] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)(?:\s+[a-z-]+(?:="[^"<>]*")?)*\s*>/g)) {
    if (VOID.has(name)) continue;
    if (end === '') open.push(name);
    else if (open.pop() !== name) faults.push(`</${name}>`);
  }
  const others = html.replace(/<!doctype html>/, '').replace(/<\/?[a-z][a-z0-9]*(?:\s+[a-z-]+(?:="[^"<>]*")?)*\s*>/g, '');
  return [...faults, ...open, ...others.match(/[<>]/g) ?? []];
}

describe('addCataloguePage', () => {
  const served = useServed();
  const {ask} = served;
  const nobody = {find: async () => undefined};

  it('shows the page and its files to everybody, each as what it is', async () => {
    await served.start({tokens: nobody});
    for (const {url, name, type} of PAGE_FILES) {
      const {status, headers, text} = await ask('GET', url);
      expect([status, headers['content-type'], text], url).to.deep.equal([200, type, readFileSync(new URL(name, STATIC), 'utf8')]);
      expect(headers).to.include({
        'content-security-policy': PAGE_POLICY, 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY', 'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-cache',
      });
    }
    expect((await ask('GET', '/stats')).status).to.equal(401);
    expect((await ask('GET', '/page/none.js')).status).to.equal(404);
    expect((await ask('GET', '/page/..%2fcatalogue-page.ts')).status).to.equal(404);
  });

  it('knows every file of its folder, and has no other', () => {
    expect(PAGE_FILES.map(({name}) => name).sort()).to.deep.equal(readdirSync(STATIC).sort());
  });

  it('allows nothing from elsewhere and nothing inline', () => {
    const directives = Object.fromEntries(PAGE_POLICY.split('; ').map((directive) => directive.split(/ (.*)/s) as [string, string]));
    const [none, self] = ['\'none\'', '\'self\''];
    expect(directives).to.deep.equal({
      'default-src': none, 'script-src': self, 'style-src': self, 'img-src': self, 'connect-src': self, 'base-uri': none,
      'form-action': none, 'frame-ancestors': none, 'require-trusted-types-for': '\'script\'', 'trusted-types': none,
    });
  });

  it('sends nothing to who has it already', async () => {
    for (const {url} of PAGE_FILES) {
      const {etag = ''} = (await ask('GET', url)).headers;
      const again = await ask('GET', url, {headers: {'if-none-match': etag}});
      expect([again.status, again.text, again.headers.etag], url).to.deep.equal([304, '', etag]);
    }
    expect((await ask('HEAD', '/')).headers['content-type']).to.equal('text/html; charset=utf-8');
    expect((await ask('POST', '/', {json: {}})).status).to.equal(404);
  });

  it('is HTML that nests, with labels, a language and nothing inline', async () => {
    const {text} = await ask('GET', '/');
    expect(faultsOf(text)).to.deep.equal([]);
    expect(faultsOf('<p><b></p></b><i> 1 < 2')).to.deep.equal(['</p>', '</b>', 'i', '<']);
    expect(text).to.match(/^<!doctype html>\n<html lang="en">/);
    expect(text).to.not.match(/ style=| on[a-z]+=|<style|<script(?! type="module" src="page\/main.js"><)/);
    for (const [, id = ''] of text.matchAll(/<input id="([^"]+)"/g)) expect(text).to.include(`<label for="${id}">`);
  });

  it('refers to files that are there, by addresses that hold behind a prefix, too', () => {
    const known = new Set(PAGE_FILES.map(({url}) => url.slice(1)));
    const html = readFileSync(new URL('index.html', STATIC), 'utf8');
    const links = [...html.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, target = '']) => target);
    expect(links.filter((target) => !known.has(target))).to.deep.equal(['openapi.json']);
    for (const {name} of PAGE_FILES.filter(({name}) => name.endsWith('.js'))) {
      const text = readFileSync(new URL(name, STATIC), 'utf8');
      const imports = [...text.matchAll(/^import .* from '(.+)';$/gm)].map(([, target = '']) => target);
      expect(imports.filter((target) => !known.has(target.replace('./', 'page/'))), name).to.deep.equal([]);
    }
  });

  it('has small files, none of which makes HTML out of texts', () => {
    const texts = PAGE_FILES.map(({name}) => [name, readFileSync(new URL(name, STATIC), 'utf8')] as const);
    const long = texts.filter(([, text]) => text.split('\n').length > 300 || text.split('\n').some((line) => line.length > 160));
    expect(long.map(([name]) => name)).to.deep.equal([]);
    const words = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|DOMParser|localStorage|cookie/;
    expect(texts.filter(([, text]) => words.test(text)).map(([name]) => name)).to.deep.equal([]);
    expect(texts.reduce((sum, [, text]) => sum + text.length, 0)).to.be.below(80_000);
  });

  it('makes the same addresses as the server\'s own clients', async () => {
    const api = await moduleOf<{releasePath: typeof releasePath; partPath: (name: string, pointer: string) => string}>('api.js');
    for (const name of ['a b', 'a/b', 'a~1b', '~2', '.', '..', '...', 'ü–𝄞', 'a?b#c&d=e', '%', '"\'<>', '\u202e']) {
      const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      expect(api.releasePath(name)).to.equal(releasePath(name));
      for (const path of [pointer, `${pointer}${pointer}`, `${pointer}/`, `/${pointer}`]) {
        expect(api.partPath(name, path)).to.equal(partsPath(name, path));
      }
    }
  });

  it('finds any name again behind the # of an address', async () => {
    interface Routes {
      href(path: string[], query?: object): string;
      readRoute(hash: string): {readonly path: string[]; readonly query: Record<string, string>} | undefined;
    }
    const {href, readRoute} = await moduleOf<Routes>('route.js');
    for (const name of ['a b', 'a/b?c#d&e=f+g', '%2F', '..', 'ü–𝄞', '"\'<>', '\u202e', '/']) {
      expect(readRoute(href(['release', name, 'part'], {path: `/${name}`, version: 3, at: undefined})))
        .to.deep.equal({path: ['release', name, 'part'], query: {path: `/${name}`, version: '3'}});
    }
    expect(readRoute('')).to.deep.equal({path: [], query: {}});
    expect(readRoute('#/')).to.deep.equal({path: [], query: {}});
    expect(readRoute('#/release/%zz')).to.equal(undefined);
  });

  it('searches from a text that stands before all that begin so, and that the server takes', async () => {
    const {lastBefore} = await moduleOf<{lastBefore: (begin: string) => string}>('release-list.js');
    const order = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));
    for (const begin of ['fire', 'a ', '!', '\u00a0', '\u00a1', '\u{e000}x', 'x\u{e000}', '\u{10000}', '𝄞', 'é', '<']) {
      const start = lastBefore(begin);
      expect(order(start, begin), begin).to.equal(-1);
      expect(start, begin).to.match(/^[^\p{Cc}\p{Cs}]*$/u);
      expect(() => encodeURIComponent(start)).to.not.throw();
      const last = /.$/su.exec(begin)?.[0] ?? '';
      if (last > ' ') expect(order(start, begin.slice(0, -last.length)), begin).to.equal(1);
    }
  });
});
