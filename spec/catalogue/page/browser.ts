import {expect} from 'chai';
import {existsSync} from 'node:fs';
import {chromium, type Browser, type BrowserContextOptions, type Page} from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

/** A tab, and what it did that nobody sees. */
export interface Tab {
  readonly page: Page;
  /** Errors and warnings of the console, and errors that nobody caught. A test that expects one takes it out. */
  readonly complaints: string[];
  /** The addresses that it asked. */
  readonly asked: string[];
}

/** A real browser, headless, with a fresh profile for each tab. */
export interface RealBrowser {
  /** Opens an address and waits until a view is shown. */
  open(url: string, options?: BrowserContextOptions): Promise<Tab>;
}

/**
 * Call it inside a `describe`. After each test no tab may have complained, or asked another origin than that of its page.
 * Without Chromium every test of the `describe` is skipped, one of them by the name of what is missing.
 */
export function useBrowser(): RealBrowser {
  const isThere = existsSync(CHROMIUM);
  if (!isThere) it.skip(`needs ${CHROMIUM}: apt-get install -y --no-install-recommends chromium`);
  let browser: Browser | undefined;
  let tabs: Tab[] = [];
  before(async function start() {
    this.timeout(60_000);
    if (!isThere) this.skip();
    browser = await chromium.launch({executablePath: CHROMIUM, headless: true, args: ARGUMENTS});
  });
  after(async () => { await browser?.close(); });
  afterEach(async () => {
    const closing = tabs;
    tabs = [];
    for (const {page} of closing) await page.context().close();
    for (const {complaints, asked} of closing) {
      expect(complaints).to.deep.equal([]);
      expect([...new Set(asked.map((url) => new URL(url).origin))]).to.have.length(1);
    }
  });
  return {
    open: async (url, options = {}) => {
      const context = await browser!.newContext(options);
      const page = await context.newPage();
      const tab: Tab = {page, complaints: [], asked: []};
      tabs.push(tab);
      page.setDefaultTimeout(20_000);
      page.on('console', (message) => { if (message.type() !== 'log') tab.complaints.push(message.text()); });
      page.on('pageerror', (error) => tab.complaints.push(String(error)));
      page.on('dialog', (dialog) => {
        tab.complaints.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on('request', (request) => tab.asked.push(request.url()));
      await page.goto(url);
      await page.waitForSelector('main h1');
      return tab;
    },
  };
}

/** The texts of the cells of a table's rows, without those that are only spoken. */
export async function rowsOf(page: Page, table = 'table'): Promise<string[][]> {
  return page.locator(`${table} tbody tr`).evaluateAll((rows) => rows.map((row) => [...(row as unknown as {cells: Iterable<Cell>}).cells]
    .map((cell) => cell.innerText.replace(/\s+/g, ' ').trim())));
}

/** What is used of the browser's own types, which the project doesn't load. */
interface Cell {
  readonly innerText: string;
}

/** What a function that runs in the page sees as `globalThis`. */
export interface PageWindow {
  readonly location: {hash: string};
  readonly navigator: {clipboard: {readText(): Promise<string>}};
  getSelection(): {toString(): string};
}

/** Waits until something is so; the page's policy forbids playwright's own way. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 15_000;
  while (!await isSo()) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
}

/** Waits until a table has so many rows. */
export async function hasRows(page: Page, count: number): Promise<void> {
  await until(`there are ${count} rows`, async () => await page.locator('tbody tr').count() === count);
}

/** Goes to a view as if it was typed. */
export async function goTo(page: Page, hash: string): Promise<void> {
  await page.evaluate((hash) => { (globalThis as unknown as PageWindow).location.hash = hash; }, hash);
}

/** The heading of the view that is shown. */
export async function heading(page: Page): Promise<string> {
  return page.locator('main h1').innerText();
}
