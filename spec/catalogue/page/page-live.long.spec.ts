import {expect} from 'chai';
import {ELMER, PRODUCT, partial} from '../facts.js';
import {useServed} from '../server/served.js';
import {hasRows, rowsOf, until, useBrowser} from './browser.js';

describe('live changes on the page', () => {
  const served = useServed();
  const browser = useBrowser();
  const publish = (from: string, name = 'r1', salt = 'a'): Promise<unknown> =>
    served.catalogue.publish(name, [partial('/linux', from, salt)], {...ELMER, create: PRODUCT});
  beforeEach(async () => {
    await served.start({interval: 20});
    await publish('a');
  });

  it('appear as they are made, and wait while the page is paused', async () => {
    const {page} = await browser.open(`${served.server.url}/#/activity`);
    await page.getByText('Connected').waitFor();
    await hasRows(page, 2);
    await publish('b');
    await hasRows(page, 3);
    const [newest] = await rowsOf(page);
    expect(newest?.filter((_, at) => at !== 1)).to.deep.equal(['3', 'r1', '/linux', 'publish', 'elmer', 'version 3']);
    const said = page.locator('#status');
    await until('it is said', async () => await said.innerText() === '1 new change; the last: r1 /linux, by elmer.');
    const pause = page.getByRole('button', {name: 'Pause'});
    await pause.click();
    expect(await pause.getAttribute('aria-pressed')).to.equal('true');
    for (const from of ['c', 'd']) await publish(from);
    await page.getByRole('button', {name: 'Paused: 2 changes waiting'}).waitFor();
    expect(await page.locator('tbody tr').count()).to.equal(3);
    await page.getByRole('button', {name: 'Paused'}).click();
    await hasRows(page, 5);
    expect((await rowsOf(page)).map(([seq]) => seq)).to.deep.equal(['5', '4', '3', '2', '1']);
  });

  it('keep to the newest hundred, and to one release when asked', async () => {
    const {page} = await browser.open(`${served.server.url}/#/activity?name=r2`);
    await page.getByText('Connected').waitFor();
    for (let number = 0; number < 120; number++) await publish(`f${number}`, number % 2 === 0 ? 'r1' : 'r2');
    await hasRows(page, 61);
    expect(new Set((await rowsOf(page)).map(([, , name]) => name))).to.deep.equal(new Set(['r2']));
    await page.getByRole('link', {name: 'Show all'}).click();
    await hasRows(page, 100);
    for (let number = 0; number < 10; number++) await publish(`g${number}`);
    await until('the newest is there', async () => (await rowsOf(page))[0]?.[0] === '133');
    expect(await page.locator('tbody tr').count()).to.equal(100);
  });

  it('go on behind the last one after the connection was lost', async () => {
    const tab = await browser.open(`${served.server.url}/#/activity`);
    const {page, complaints} = tab;
    await hasRows(page, 2);
    const {port} = served.server;
    await served.server.close({grace: 0});
    await page.getByText('The connection is lost').waitFor();
    await publish('b');
    await served.start({port, interval: 20});
    await hasRows(page, 3);
    await publish('c');
    await hasRows(page, 4);
    expect((await rowsOf(page)).map(([seq]) => seq)).to.deep.equal(['4', '3', '2', '1']);
    for (const complaint of complaints.splice(0)) expect(complaint).to.match(/^Failed to load resource: net::ERR_|503/);
  });

  it('are told to who looks at a release, and nothing moves until asked', async () => {
    const {page} = await browser.open(`${served.server.url}/#/release/r1`);
    await publish('b');
    await publish('z', 'r2');
    await page.getByText('Changed since: 1 change, the last by elmer.').waitFor();
    expect((await rowsOf(page))[0]?.[1]).to.equal('1 partial');
    await page.locator('.news').getByRole('button', {name: 'Show'}).click();
    await until('it is shown', async () => (await rowsOf(page))[0]?.[1] === '2 partial');
  });

  it('count no change twice that was made while the release was read', async () => {
    const {page} = await browser.open(`${served.server.url}/#/`);
    await page.route('**/releases/r1', async (route) => {
      await publish('b');
      await route.continue();
    });
    await page.getByRole('link', {name: 'r1'}).click();
    await page.getByRole('heading', {level: 2, name: 'Parts'}).waitFor();
    expect((await rowsOf(page))[0]?.[1]).to.equal('2 partial');
    await served.catalogue.publish('r1', [partial('/linux', 'c')], {actor: 'zoë'});
    await page.getByText('the last by zoë').waitFor();
    expect(await page.locator('.news').innerText()).to.include('Changed since: 1 change,');
  });

  it('come with how often writers got into each other\'s way', async () => {
    const {page} = await browser.open(`${served.server.url}/#/activity`);
    const tiles = async (): Promise<string[]> => page.locator('dl.tiles dd').allInnerTexts();
    expect(await tiles()).to.deep.equal(['0', '0', '0', 'no writes yet']);
    const facts = (salt: string): Promise<unknown> => served.ask('POST', '/releases/r1/facts', {json: [partial('/linux', 'x', salt)]});
    for (const salt of ['a', 'b', 'a', 'a']) await facts(salt);
    await until('it is counted', async () => (await tiles())[0] === '4');
    expect(await tiles()).to.deep.equal(['4', '0', '1', '25 %']);
    expect(await page.getByText('Writes that changed something: 1, found everything there already: 2.').count()).to.equal(1);
  });

  it('are not followed while the tab is hidden, and go on where they were', async () => {
    const {page} = await browser.open(`${served.server.url}/#/activity`);
    await hasRows(page, 2);
    const hide = (hidden: boolean): Promise<void> => page.evaluate((hidden) => {
      const {document} = globalThis as unknown as {document: EventTarget};
      Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
    const left = page.waitForEvent('requestfailed', (request) => request.url().includes('/changes'));
    await hide(true);
    await left;
    await page.getByText('Not followed while the tab is hidden.').waitFor();
    await publish('b');
    await hide(false);
    await hasRows(page, 3);
  });

  it('hold no connection while the view is another', async () => {
    const {page, asked} = await browser.open(`${served.server.url}/#/activity`);
    await page.getByText('Connected').waitFor();
    const streams = page.waitForEvent('requestfailed', (request) => request.url().includes('/changes'));
    await page.getByRole('link', {name: 'Releases'}).click();
    await streams;
    await page.getByRole('heading', {level: 1, name: 'Releases'}).waitFor();
    expect(asked.filter((url) => url.includes('/changes?after=0')).length).to.equal(1);
  });
});
