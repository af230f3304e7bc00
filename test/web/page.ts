import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';

/** How long the page may take for anything: a limit, not a pause. */
const patienceMs = 20_000;

/** Where Chromium is: `CHROMIUM` when set, else where packages put it; null when it is not there. */
export function findChromium(): string | null {
  const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const places = process.env.CHROMIUM ? [process.env.CHROMIUM] : usual;
  return places.find((place) => existsSync(place)) ?? null;
}

export interface Look {
  colorScheme?: 'light' | 'dark';
  width?: number;
  height?: number;
}

/** The page in a real browser to which every host but the page's own is closed. */
export interface OpenedPage {
  page: Page;
  /** Requests to any other host: each was blocked, and each is a defect. */
  foreignRequests: string[];
  /** Errors on the console and errors nobody caught. */
  consoleErrors: string[];
  /** The operations the page sent to the hub, in order. */
  operations: { operationName: string | undefined; headers: Record<string, string> }[];
  connect(token: string, purpose: string, caseNumber: string): Promise<void>;
  clearToken(): Promise<void>;
  stateLine(): Promise<string>;
  runSavedQuery(title: string): Promise<void>;
  /** A saved query opened and run in one go, faster than any hand. */
  runAtOnce(title: string): Promise<void>;
  setVariables(variables: object): Promise<void>;
  run(): Promise<void>;
  /** The answer on the screen, once it holds `text`. */
  readResult(text: string): Promise<string>;
  /** The audit receipt under the answer. */
  readReceipt(): Promise<string>;
  /** The documentation of one type, as shown. */
  readDocumentation(type: string): Promise<string>;
  /** Everything this origin has put into one of the browser's stores. */
  stored(store: 'localStorage' | 'sessionStorage'): Promise<string>;
  screenshot(path: string): Promise<void>;
  close(): Promise<void>;
}

export async function openPage(address: string, executablePath: string, look: Look = {}): Promise<OpenedPage> {
  const profile = mkdtempSync(join(tmpdir(), 'heyan-page-'));
  const context = await launch(executablePath, profile, look);
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(patienceMs);
  const records = await record(context, page, new URL(address).origin);
  await page.goto(address);
  return {
    page,
    ...records,
    ...connectionOf(page),
    ...workspaceOf(page),
    async screenshot(path) {
      await page.screenshot({ path });
    },
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function launch(executablePath: string, profile: string, look: Look): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    colorScheme: look.colorScheme ?? 'light',
    viewport: { width: look.width ?? 1280, height: look.height ?? 800 },
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Routing sees the requests of workers too; a page that asks another host is answered by nobody. */
async function record(context: BrowserContext, page: Page, origin: string) {
  const foreignRequests: string[] = [];
  const consoleErrors: string[] = [];
  const operations: OpenedPage['operations'] = [];
  await context.route('**/*', (route) => {
    const url = new URL(route.request().url());
    if (url.origin === origin || url.protocol === 'data:') return route.continue();
    foreignRequests.push(url.href);
    return route.abort();
  });
  context.on('request', (request) => {
    if (request.method() !== 'POST' || new URL(request.url()).pathname !== '/graphql') return;
    operations.push({ operationName: request.postDataJSON()?.operationName, headers: request.headers() });
  });
  page.on('console', (message) => {
    if (message.type() === 'error') consoleErrors.push(message.text());
  });
  page.on('pageerror', (error) => consoleErrors.push(String(error)));
  return { foreignRequests, consoleErrors, operations };
}

function connectionOf(page: Page) {
  const state = page.getByRole('status');
  return {
    async connect(token: string, purpose: string, caseNumber: string) {
      await page.getByLabel('Access token').fill(token);
      await page.getByLabel('Purpose 用途').selectOption(purpose);
      await page.getByLabel('Case 案件编号').fill(caseNumber);
      await page.getByRole('button', { name: /^(Connect|Refresh)/ }).click();
      await state.and(page.locator('[data-state=connected], [data-state=refused]')).waitFor();
    },
    async clearToken() {
      await page.getByRole('button', { name: 'Clear' }).click();
      await state.and(page.locator('[data-state=idle]')).waitFor();
    },
    stateLine: () => textOf(state),
    stored: (store: 'localStorage' | 'sessionStorage') => page.evaluate<string>(`JSON.stringify(${store})`),
  };
}

function workspaceOf(page: Page) {
  const editorText = (label: string) => page.getByLabel(label, { exact: true }).locator('.view-lines');
  return {
    async runSavedQuery(title: string) {
      await showPanel(page, 'Saved queries');
      await page.getByRole('button', { name: title }).click();
    },
    async runAtOnce(title: string) {
      await showPanel(page, 'Saved queries');
      await page.getByRole('button', { name: title }).waitFor();
      await page.evaluate(`{
        const buttons = [...document.querySelectorAll('.saved button')];
        buttons.find((button) => button.textContent.includes(${JSON.stringify(title)})).click();
        document.querySelector('.graphiql-execute-button').click();
      }`);
    },
    async setVariables(variables: object) {
      await editorText('Variables').click();
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.insertText(JSON.stringify(variables));
      // The editor closes what looks open while the text comes in; what it added stands behind the cursor.
      await page.keyboard.press('ControlOrMeta+Shift+End');
      await page.keyboard.press('Delete');
    },
    async run() {
      await page.getByRole('button', { name: 'Execute query' }).click();
    },
    async readResult(text: string) {
      const result = editorText('Result Window');
      await result.filter({ hasText: text }).waitFor();
      return textOf(result);
    },
    readReceipt: () => textOf(page.locator('.receipt code')),
    async readDocumentation(type: string) {
      await showPanel(page, 'Documentation Explorer');
      const docs = page.getByLabel('Documentation Explorer', { exact: true });
      await docs.getByRole('combobox').fill(type);
      await docs.getByRole('option', { name: type, exact: true }).click();
      await docs.locator('.graphiql-doc-explorer-title', { hasText: type }).waitFor();
      return textOf(docs);
    },
  };
}

async function textOf(place: Locator): Promise<string> {
  return (await place.textContent()) ?? '';
}

/** The buttons of the side bar say `Show …` when the panel is closed; a panel already open is left so. */
async function showPanel(page: Page, title: string): Promise<void> {
  await page.getByRole('button', { name: new RegExp(`^(Show|Hide) ${title}`) }).waitFor();
  const show = page.getByRole('button', { name: `Show ${title}` });
  if (await show.isVisible()) await show.click();
}
