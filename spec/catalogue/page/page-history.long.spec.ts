import {expect} from 'chai';
import type {Page} from 'playwright-core';
import {ELMER} from '../facts.js';
import {useServed} from '../server/served.js';
import {goTo, hasRows, rowsOf, until, useBrowser} from './browser.js';
import {fill, fillBig} from './content.js';

describe('the history on the page', () => {
  const served = useServed();
  const browser = useBrowser();
  beforeEach(async () => { await served.start(); });

  /** The differences that are open, each with its mark. */
  const changes = async (page: Page): Promise<string[]> =>
    (await page.locator('.changes > li').allInnerTexts())
      .map((text) => text.replace(/\s+/g, ' ').replace(/ Copy the digest of \S+|, exactly [\d,]+ bytes/g, '').replace(/ ,/g, ',').trim());

  it('tells who changed what and when, and opens what a version changed', async () => {
    await fill(served.catalogue);
    await served.catalogue.setReadOnly('firefox-57', true, {...ELMER, ifVersion: 'any'});
    const {page} = await browser.open(`${served.server.url}/#/release/firefox-57/history`);
    expect((await rowsOf(page)).map(([version, , who, what, part]) => [version, who, what, part])).to.deep.equal([
      ['6', 'elmer', 'set-read-only', 'the release itself'], ['5', 'elmer', 'patch', '/linux/de'], ['4', 'zoë', 'publish', '/win/fr'],
      ['3', 'zoë', 'publish', '/win/fr'], ['2', 'elmer', 'publish', '/linux/de'], ['1', 'elmer', 'create', 'the release itself'],
    ]);
    const opener = page.getByRole('button', {name: 'Show what version 5 changed'});
    await opener.click();
    await page.locator('.changes').waitFor();
    expect(await changes(page)).to.deep.equal([
      'added buildID "20171112"',
      'changed partial from r1, digest It was aaaaaaaaaaaa… It is now dddddddddddd…',
      'changed partial from r1, size It was 7 bytes It is now 2.0 KiB',
      'removed partial from r2 7 bytes aaaaaaaaaaaa… https://example.org/r2.mar',
    ]);
    await page.getByRole('button', {name: 'Hide what version 5 changed'}).click();
    expect(await page.locator('.changes').count()).to.equal(0);
    await page.getByRole('button', {name: 'Show what version 3 changed'}).click();
    await page.locator('.changes').waitFor();
    expect((await changes(page)).join()).to.match(/^added all of it .*from r1/);
    await page.getByRole('button', {name: 'Show what version 6 changed'}).click();
    await page.getByText('readOnly').waitFor();
    expect((await changes(page))[0]).to.equal('changed readOnly It was false It is now true');
  });

  it('compares any two versions, and follows one part', async () => {
    await fill(served.catalogue);
    const {page} = await browser.open(`${served.server.url}/#/release/firefox-57/history`);
    await page.getByLabel('Compare version').fill('3');
    await page.getByLabel('with version').fill('4');
    await page.getByRole('button', {name: 'Compare'}).click();
    await page.getByRole('heading', {name: 'Differences in firefox-57'}).waitFor();
    expect([await page.locator('h3').allInnerTexts(), await changes(page)]).to.deep.equal([
      ['/win/fr'], ['added partial from r2 7 bytes aaaaaaaaaaaa… https://example.org/r2.mar'],
    ]);
    await page.goBack();
    await hasRows(page, 5);
    await page.getByRole('link', {name: '/linux/de'}).first().click();
    await hasRows(page, 2);
    expect((await rowsOf(page)).map(([version]) => version)).to.deep.equal(['5', '2']);
    await page.getByRole('link', {name: 'Show all'}).click();
    await hasRows(page, 5);
  });

  it('stays usable with 10,000 parts and 15,000 versions', async () => {
    await fillBig(served.catalogue);
    const start = Date.now();
    const {page} = await browser.open(`${served.server.url}/#/release/big`);
    expect(Date.now() - start).to.be.below(10_000);
    await hasRows(page, 100);
    expect(await page.locator('.pager [role=status]').innerText()).to.equal('1–100 of 10,000 parts');
    const next = page.getByRole('button', {name: 'Next'});
    await next.click();
    expect(await page.locator('.pager [role=status]').innerText()).to.equal('101–200 of 10,000 parts');
    expect(page.url().split('#')[1]).to.equal('/release/big?page=2');
    await page.getByLabel('Path contains').fill('p7/l49');
    await hasRows(page, 11);
    await goTo(page, '#/release/big/history');
    await hasRows(page, 50);
    expect((await rowsOf(page))[0]?.[0]).to.equal('15,001');
    const turn = async (link: string, first: string): Promise<void> => {
      await page.getByRole('link', {name: link, exact: true}).click();
      await until(`${link} begins with ${first}`, async () => (await rowsOf(page))[0]?.[0] === first);
    };
    await turn('Older', '14,951');
    await turn('Older', '14,901');
    await turn('Newer', '14,951');
    await turn('Oldest', '50');
    expect((await rowsOf(page)).at(-1)?.[0]).to.equal('1');
    await turn('Newest', '15,001');
    await page.getByLabel('From version').fill('7001');
    await page.getByRole('button', {name: 'Go'}).click();
    await until('it is there', async () => (await rowsOf(page))[0]?.[0] === '7,001');
    await page.getByRole('button', {name: 'Show what version 7001 changed'}).click();
    await page.locator('.changes').waitFor();
    await goTo(page, '#/release/big/diff?from=0&to=15001');
    await page.getByText('1–25 of 10,001 parts').waitFor();
    expect(await page.locator('h3').count()).to.equal(25);
  });
});
