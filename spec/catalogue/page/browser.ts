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

/** The heading of the view that is shown. */
export async function heading(page: Page): Promise<string> {
  return page.locator('main h1').innerText();
}
