import {expect} from 'chai';
import {newToken} from '../../../src/catalogue/server/token-text.js';
import type {Grant} from '../../../src/catalogue/server/scope.js';
import {complete} from '../facts.js';
import {useServed} from '../server/served.js';
import {goTo, heading, hasRows, useBrowser, type PageWindow} from './browser.js';
import {fill} from './content.js';

/** Texts that would run, break out or mislead where somebody pasted them into HTML. */
const BAD = '"\'><script>alert(1)</script><img src=x onerror=alert(2)>\u202egnp.exe\u200f</title>&lt;';
const KEY = 'javascript:alert(3)//<svg onload=alert(4)>{{7*7}}${8*8}';

/** Marks that are not seen, and how they are shown. */
const [LEFT, RIGHT] = [['\u202e', 'U+202E'], ['\u200f', 'U+200F']] as const;

describe('the safety of the page', () => {
  const served = useServed();
  const browser = useBrowser();

  it('shows texts that look like scripts, and runs none of them', async () => {
    await served.start();
    const path = `/${BAD.replaceAll('/', '~1')}`;
    const fact = {...complete(path, KEY), url: 'javascript:alert(5)', more: {note: BAD, __html: BAD}};
    await served.catalogue.publish(BAD, [fact], {actor: BAD, create: {product: BAD}});
    await served.catalogue.patch({name: BAD, path}, [{op: 'add', path: '/note', value: BAD}], {actor: KEY, base: 1});
    const {page, complaints} = await browser.open(`${served.server.url}/`);
    const seen = async (): Promise<string> => {
      const strange = page.locator('main :is(script, img, svg, iframe, object, style, [onerror], [onload], [href^="javascript" i])');
      expect(await strange.count()).to.equal(0);
      const texts = await page.locator('main').innerText();
      expect(texts + await page.title()).to.not.match(/[\u202e\u200f]/);
      return texts;
    };
    const shown = BAD.replace(...LEFT).replace(...RIGHT);
    expect(await seen()).to.include(shown);
    await page.locator('tbody a').click();
    await page.getByRole('heading', {level: 2, name: 'Parts'}).waitFor();
    expect(await heading(page)).to.equal(shown);
    await page.locator('tbody th a').click();
    await page.getByRole('heading', {level: 2, name: 'Facts'}).waitFor();
    expect(await seen()).to.include(KEY).and.include('javascript:alert(5)');
    await page.getByRole('link', {name: 'History', exact: true}).click();
    await hasRows(page, 3);
    for (const version of [3, 2]) await page.getByRole('button', {name: `Show what version ${version} changed`}).click();
    await page.locator('.changes').nth(1).waitFor();
    expect((await seen()).replace(/\s+/g, ' ')).to.include(`added note ${JSON.stringify(BAD).replace(...LEFT).replace(...RIGHT)}`);
    await goTo(page, '#/activity');
    await hasRows(page, 3);
    expect(await seen()).to.include(shown);
    await goTo(page, `#/release/${encodeURIComponent('<img src=x onerror=alert(6)>')}`);
    await page.getByRole('alert').waitFor();
    expect(await seen()).to.include('<img src=x onerror=alert(6)>');
    expect(complaints.splice(0).map((text) => /status of \d+/.exec(text)?.[0])).to.deep.equal(['status of 404']);
  });

  it('could not run one even if it wanted to', async () => {
    await served.start();
    const {page, complaints} = await browser.open(`${served.server.url}/`);
    const ran = await page.evaluate(async () => {
      const {document} = globalThis as unknown as {document: PageDocument};
      const element = document.createElement('div');
      document.body.append(element);
      try {
        element.innerHTML = '<img src=x onerror="globalThis.ran = 1">';
      } catch {
        return 'refused';
      }
      return 'taken';
    });
    expect(ran).to.equal('refused');
    const foreign = await page.evaluate(async () => fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'refused'));
    expect(foreign).to.equal('refused');
    const inline = await page.evaluate(() => {
      const {document} = globalThis as unknown as {document: PageDocument};
      try {
        document.body.setAttribute('onclick', 'globalThis.ran = 2');
      } catch {
        return 'refused';
      }
      return 'taken';
    });
    expect(inline).to.equal('refused');
    for (const complaint of complaints.splice(0)) expect(complaint).to.match(/Content Security Policy|TrustedHTML|violates|blocked/);
  });

  it('asks for a token, keeps it in the tab, and never puts it into an address', async () => {
    const {text: token} = newToken((bytes) => Buffer.alloc(bytes, 7));
    const reader: Grant = {name: 'reader', scopes: ['read']};
    let known = true;
    await served.start({tokens: {find: async (given) => given === token && known ? reader : undefined}, beat: 50, interval: 20});
    await fill(served.catalogue);
    const {page, complaints, asked} = await browser.open(`${served.server.url}/#/release/firefox-57`);
    expect(await heading(page)).to.equal('That can’t be shown');
    const field = page.getByLabel('Token of this server');
    expect([await field.isVisible(), await field.evaluate((element) => element.matches(':focus'))]).to.deep.equal([true, true]);
    await field.fill('jct_wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await field.fill(token);
    await page.keyboard.press('Enter');
    await hasRows(page, 2);
    expect(await page.getByText('Token: in use').count()).to.equal(1);
    await page.reload();
    await hasRows(page, 2);
    await goTo(page, '#/activity');
    await page.getByText('Connected').waitFor();
    expect(asked.filter((url) => url.includes('jct_'))).to.deep.equal([]);
    expect(page.url()).to.not.include('jct_');
    const kept = await page.evaluate(() => {
      const {localStorage, sessionStorage, document} = globalThis as unknown as StoringWindow;
      return [localStorage.length, Object.keys(sessionStorage), document.cookie];
    });
    expect(kept).to.deep.equal([0, ['catalogue-token'], '']);
    known = false;
    await page.getByRole('alert').waitFor();
    await page.getByText('Token: in use').click();
    await page.getByRole('button', {name: 'Forget'}).click();
    await page.getByRole('heading', {name: 'That can’t be shown'}).waitFor();
    expect(await page.evaluate(() => Object.keys((globalThis as unknown as StoringWindow).sessionStorage))).to.deep.equal([]);
    for (const complaint of complaints.splice(0)) expect(complaint).to.include('status of 401');
  });
});

interface PageDocument {
  createElement(tag: string): {innerHTML: string};
  readonly body: {append(child: object): void; setAttribute(name: string, value: string): void};
}

interface StoringWindow extends PageWindow {
  readonly localStorage: object & {readonly length: number};
  readonly sessionStorage: object;
  readonly document: {readonly cookie: string};
}
