import {expect} from 'chai';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {ELMER, partial} from '../facts.js';
import {useServed} from '../server/served.js';
import {goTo, hasRows, heading, rowsOf, until, useBrowser, type PageWindow} from './browser.js';
import {fill} from './content.js';

describe('the views of the page', () => {
  const served = useServed();
  const browser = useBrowser();
  beforeEach(async () => {
    await served.start();
    await fill(served.catalogue);
  });

  it('lists releases, and finds them by how they begin and by product', async () => {
    for (const name of ['firefox', 'firefox-56', 'firefoy', 'fire', 'thunderbird']) {
      await served.catalogue.create(name, {product: name === 'thunderbird' ? name : 'firefox'}, ELMER);
    }
    const {page} = await browser.open(`${served.server.url}/`);
    const names = async (): Promise<string[]> => (await rowsOf(page)).map(([name = '']) => name);
    expect(await names()).to.deep.equal(['fire', 'firefox', 'firefox-56', 'firefox-57', 'firefoy', 'thunderbird']);
    const [, , , row] = await rowsOf(page);
    expect(row).to.deep.equal(['firefox-57', 'firefox', '5', row?.[3], 'open']);
    expect(row?.[3]).to.match(/^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d$/);
    await page.getByLabel('Name begins with').fill('firefox');
    await hasRows(page, 3);
    expect(await names()).to.deep.equal(['firefox', 'firefox-56', 'firefox-57']);
    expect(page.url()).to.match(/#\/\?begin=firefox$/);
    await page.getByLabel('Product').fill('thunder');
    await page.getByText('No release is called so.').waitFor();
    await page.getByLabel('Name begins with').fill('');
    await page.getByLabel('Product').fill('thunderbird');
    await hasRows(page, 1);
    expect(await names()).to.deep.equal(['thunderbird']);
    await page.reload();
    await page.waitForSelector('tbody tr');
    expect([await names(), await page.getByLabel('Product').inputValue()]).to.deep.equal([['thunderbird'], 'thunderbird']);
  });

  it('pages through many releases', async () => {
    for (let number = 0; number < 120; number++) await served.catalogue.create(`r${1000 + number}`, {product: 'p'}, ELMER);
    const {page} = await browser.open(`${served.server.url}/#/?begin=r1`);
    const ends = async (): Promise<(string | undefined)[]> => {
      const rows = await rowsOf(page);
      return [rows[0]?.[0], rows.at(-1)?.[0]];
    };
    const seen = [await ends()];
    for (let turn = 0; turn < 2; turn++) {
      await page.getByRole('link', {name: 'Next page'}).click();
      await until('the page is turned', async () => (await ends())[0] !== seen.at(-1)?.[0]);
      seen.push(await ends());
    }
    expect(seen).to.deep.equal([['r1000', 'r1049'], ['r1050', 'r1099'], ['r1100', 'r1119']]);
    expect(await page.getByRole('link', {name: 'Next page'}).count()).to.equal(0);
  });

  it('shows a release, a part of it with its facts, and finds the way back', async () => {
    const {page} = await browser.open(`${served.server.url}/`);
    await page.getByRole('link', {name: 'firefox-57'}).click();
    await page.getByRole('heading', {level: 1, name: 'firefox-57'}).waitFor();
    const head = await page.locator('dl.head div').allInnerTexts();
    expect(head.slice(0, 2)).to.deep.equal(['Product\nfirefox', 'Version\n5']);
    expect(await rowsOf(page)).to.deep.equal([
      ['/linux/de', '1 complete, 1 partial', '2', 'version 5'], ['/win/fr', '2 partial', '2', 'version 4'],
    ]);
    await page.getByRole('link', {name: '/linux/de'}).click();
    await page.getByRole('heading', {level: 1, name: '/linux/de of firefox-57'}).waitFor();
    const rows = await rowsOf(page);
    expect(rows.map(([fact, kind, , digest]) => [fact, kind, digest])).to.deep.equal([
      ['full.mar', 'complete', 'cccccccccccc… Copy the digest of full.mar'],
      ['from r1', 'partial', 'dddddddddddd… Copy the digest of r1'],
    ]);
    const sizes = page.locator('td data');
    expect(await sizes.evaluateAll((all) => all.map((one) => [one.getAttribute('title'), one.getAttribute('value')])))
      .to.deep.equal([['52,428,801 bytes', '52428801'], ['2,048 bytes', '2048']]);
    expect((await sizes.allInnerTexts()).map((text) => text.split(',')[0]?.trim())).to.deep.equal(['50.0 MiB', '2.0 KiB']);
    expect(await page.getByRole('link', {name: 'https://example.org/full.mar'}).getAttribute('rel')).to.equal('noreferrer noopener');
    expect(await page.locator('details code.json').textContent()).to.equal('{\n  "buildID": "20171112"\n}');
    await page.goBack();
    await page.getByRole('heading', {level: 1, name: 'firefox-57'}).waitFor();
    await page.goBack();
    await page.getByRole('heading', {level: 1, name: 'Releases'}).waitFor();
    await page.goForward();
    await page.getByRole('heading', {level: 1, name: 'firefox-57'}).waitFor();
  });

  it('copies a digest whole, or marks it where there is no clipboard', async () => {
    const permissions = ['clipboard-read', 'clipboard-write'];
    const {page} = await browser.open(`${served.server.url}/#/release/firefox-57/part?path=/win/fr`, {permissions});
    await page.getByRole('button', {name: 'Copy the digest of r1'}).click();
    await page.getByText('Copied', {exact: true}).waitFor();
    const copied = await page.evaluate(() => (globalThis as unknown as PageWindow).navigator.clipboard.readText());
    expect(copied).to.equal(partial('/', '').digest);
    await page.evaluate(() => {
      Object.defineProperty((globalThis as unknown as PageWindow).navigator, 'clipboard', {value: undefined});
    });
    await page.getByRole('button', {name: 'Copy the digest of r2'}).click();
    expect(await page.evaluate(() => (globalThis as unknown as PageWindow).getSelection().toString())).to.equal(partial('/', '').digest);
  });

  it('shows a release and a part as they were at a version and at a time', async () => {
    const {page} = await browser.open(`${served.server.url}/#/release/firefox-57`);
    await page.getByLabel('As of version').fill('3');
    await page.getByRole('button', {name: 'Show'}).click();
    await page.getByText('As it was at version 3').waitFor();
    expect(await rowsOf(page)).to.deep.equal([
      ['/linux/de', '1 complete, 2 partial', '1', 'version 2'], ['/win/fr', '1 partial', '1', 'version 3'],
    ]);
    await page.getByRole('link', {name: '/linux/de'}).click();
    await page.getByRole('heading', {level: 1, name: '/linux/de of firefox-57'}).waitFor();
    expect((await rowsOf(page)).map(([fact]) => fact)).to.deep.equal(['full.mar', 'from r1', 'from r2']);
    await page.getByRole('link', {name: 'Show it as it is now'}).click();
    await hasRows(page, 2);
    await page.getByRole('link', {name: 'Parts'}).click();
    await page.getByRole('heading', {level: 2, name: 'Parts'}).waitFor();
    const now = new Date((await served.catalogue.get('firefox-57')).time).toISOString().slice(0, 19);
    await page.getByLabel('or time (UTC)').fill(now);
    await page.getByRole('button', {name: 'Show'}).click();
    await page.getByText('As it was at version 5').waitFor();
    expect(await page.getByLabel('or time (UTC)').inputValue()).to.equal(now);
  });

  it('lives under a prefix, too', async () => {
    const proxy = createServer((request, response) => {
      const path = request.url?.replace(/^\/catalogue(?=\/)/, '') ?? '/';
      void served.ask('GET', path).then(({status, headers, text}) => response.writeHead(status, headers).end(text))
        .catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => { proxy.listen(0, '127.0.0.1', resolve); });
    try {
      const {page, asked} = await browser.open(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}/catalogue/`);
      await page.getByRole('link', {name: 'firefox-57'}).click();
      await page.getByRole('heading', {level: 2, name: 'Parts'}).waitFor();
      expect(asked.filter((url) => !new URL(url).pathname.startsWith('/catalogue/'))).to.deep.equal([]);
      // Before its server goes, as it may be asking for something.
      await page.context().close();
    } finally {
      proxy.closeAllConnections();
      await new Promise((resolve) => { proxy.close(resolve); });
    }
  });

  it('says what can\'t be shown, and where a removed release still is', async () => {
    await served.catalogue.remove({name: 'firefox-57'}, {...ELMER, ifVersion: 'any'});
    const {page, complaints} = await browser.open(`${served.server.url}/#/release/firefox-57`);
    expect(await heading(page)).to.equal('That can’t be shown');
    expect(await page.getByRole('alert').innerText()).to.include('no such release');
    await page.getByRole('link', {name: 'its history'}).click();
    await page.getByRole('heading', {level: 1, name: 'History of firefox-57'}).waitFor();
    await goTo(page, '#/release/x/y/z');
    await page.getByText('There is no such page here.').waitFor();
    expect(complaints.splice(0).map((text) => /status of \d+/.exec(text)?.[0])).to.deep.equal(['status of 404']);
  });
});
