import {expect} from 'chai';
import type {Page} from 'playwright-core';
import {useServed} from '../server/served.js';
import {goTo, hasRows, heading, until, useBrowser} from './browser.js';
import {poorlyVisible} from './contrast.js';
import {fill} from './content.js';

const NARROW = {width: 320, height: 640};
const RELEASE = '#/release/firefox-57';
const VIEWS = ['#/', RELEASE, `${RELEASE}?version=3`, `${RELEASE}/part?path=/linux/de`, `${RELEASE}/history`, `${RELEASE}/diff?from=2&to=5`,
  '#/activity'];
/** Roles that people act on or find their way by. */
const NAMED = new Set(['button', 'link', 'textbox', 'searchbox', 'spinbutton', 'Date', 'DateTime', 'InputTime', 'navigation', 'table',
  'heading', 'form', 'search']);

interface Node {
  readonly role: string;
  readonly name: string;
}

/** What the browser itself tells a screen reader. */
async function treeOf(page: Page): Promise<Node[]> {
  const session = await page.context().newCDPSession(page);
  const {nodes} = await session.send('Accessibility.getFullAXTree');
  await session.detach();
  return nodes.filter(({ignored}) => !ignored).map(({role, name}) => ({role: String(role?.value), name: String(name?.value ?? '')}));
}

describe('the page for everybody', () => {
  const served = useServed();
  const browser = useBrowser();
  beforeEach(async () => {
    await served.start();
    await fill(served.catalogue);
  });

  for (const [width, viewport] of [['wide', {width: 1200, height: 800}], ['narrow', NARROW]] as const) {
    it(`has landmarks, one heading above all, and names on all that is used, on a ${width} screen`, async () => {
      for (const view of VIEWS) {
        const {page} = await browser.open(`${served.server.url}/${view}`, {viewport});
        if (view === '#/activity') await hasRows(page, 5);
        const tree = await treeOf(page);
        const count = (role: string): number => tree.filter((node) => node.role === role).length;
        expect([count('banner'), count('main')], view).to.deep.equal([1, 1]);
        expect(await page.getByRole('heading', {level: 1}).count(), view).to.equal(1);
        expect(tree.filter(({role, name}) => NAMED.has(role) && name === ''), view).to.deep.equal([]);
        expect(tree.filter(({role}) => role === 'button' || role === 'link').length, view).to.be.above(4);
        if (count('table') > 0) {
          const isTable = [count('columnheader') > 3, count('row') > 1, count('rowheader') > 0, count('cell') > 0];
          expect(isTable, view).to.deep.equal([true, true, true, true]);
        }
      }
    });
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`is readable in the ${colorScheme}`, async () => {
      for (const view of VIEWS) {
        const {page} = await browser.open(`${served.server.url}/${view}`, {colorScheme});
        const opener = page.getByRole('button', {name: /^Show what/});
        while (await opener.count() > 0) await opener.first().click();
        await page.locator('summary').first().click();
        const {texts, poor} = await poorlyVisible(page);
        expect(texts, view).to.be.above(10);
        expect(poor, view).to.deep.equal([]);
      }
    });
  }

  it('fits a narrow screen without sideways scrolling', async () => {
    for (const view of VIEWS) {
      const {page} = await browser.open(`${served.server.url}/${view}`, {viewport: NARROW});
      const width = await page.locator('html').evaluate((element) => (element as unknown as {scrollWidth: number}).scrollWidth);
      expect(width, view).to.be.at.most(NARROW.width);
    }
  });

  it('is used with the keyboard alone', async () => {
    const {page} = await browser.open(`${served.server.url}/`);
    const focused = async (): Promise<string> => page.locator(':focus').evaluate((element) =>
      ((element as unknown as {innerText: string}).innerText || element.getAttribute('id') || '').trim());
    const walk: string[] = [];
    const tabTo = async (wanted: string): Promise<void> => {
      for (let step = 0; step < 30; step++) {
        await page.keyboard.press('Tab');
        walk.push(await focused());
        const outline = await page.locator(':focus').evaluate((element) =>
          (globalThis as unknown as {getComputedStyle(element: object): {outlineStyle: string}}).getComputedStyle(element).outlineStyle);
        expect(outline, walk.at(-1)).to.equal('solid');
        if (walk.at(-1) === wanted) return;
      }
      throw new Error(`no way to ${wanted}: ${walk.join(' | ')}`);
    };
    await tabTo('firefox-57');
    expect(walk).to.deep.equal([
      'Skip to the content', 'Release catalogue', 'Releases', 'Activity', 'Token: none', 'begin', 'product', 'firefox-57',
    ]);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', {level: 1, name: 'firefox-57'}).waitFor();
    expect(await focused()).to.equal('firefox-57');
    await tabTo('History');
    await page.keyboard.press('Enter');
    await hasRows(page, 5);
    await tabTo('Show');
    await page.keyboard.press('Space');
    await page.locator('.changes').waitFor();
    expect(await focused()).to.equal('Hide');
    await page.keyboard.press('Enter');
    await until('it is closed', async () => await page.locator('.changes').count() === 0);
    await page.keyboard.press('Alt+ArrowLeft');
    await page.getByRole('heading', {level: 1, name: 'firefox-57'}).waitFor();
  });

  it('lets the keyboard skip what is on every view', async () => {
    const {page} = await browser.open(`${served.server.url}/#/activity`);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect([await page.locator(':focus').getAttribute('id'), page.url().split('#')[1]]).to.deep.equal(['main', '/activity']);
    await goTo(page, '#/');
    await until('the list is shown', async () => await heading(page) === 'Releases');
    expect(await page.locator(':focus').innerText()).to.equal('Releases');
  });
});
