import { findChromium, type OpenedPage, openPage } from './page';
import { type ServedPage, startServer } from './server';

/** Starting a hub and a browser on a slow machine; single steps have their own, shorter limit in page.ts. */
const startLimitMs = 120_000;
const testLimitMs = 60_000;

const chromium = findChromium();

if (chromium) inBrowser(chromium);
else {
  const missing = 'no browser to try the page in: chromium is missing (apt-get install chromium, or set CHROMIUM)';
  test(missing, () => {
    process.stderr.write(`test/web/graphiql.test.ts: ${missing}\n`);
    expect(findChromium()).toBeNull();
  });
}

function inBrowser(executablePath: string): void {
  let hub: ServedPage;
  let opened: OpenedPage;

  jest.setTimeout(testLimitMs);

  beforeAll(async () => {
    hub = await startServer();
    opened = await openPage(hub.address, executablePath, { height: 1_400 });
  }, startLimitMs);

  afterAll(async () => {
    await opened?.close();
    await hub?.stop();
  }, startLimitMs);

  test('without a token it asks the hub nothing and says how to get one', async () => {
    await opened.page.getByText('npx heyan token').waitFor();
    expect(await opened.stateLine()).toContain('未连接');
    expect(opened.operations).toEqual([]);
  });

  test('with token and purpose it is connected, and keeps the token in this browser tab only', async () => {
    await opened.connect(hub.token, hub.purpose, hub.caseNumber);
    expect(await opened.stateLine()).toContain(`Connected as 已连接为 ${hub.agency}`);
    expect(new Set(opened.operations.map(({ operationName }) => operationName))).toEqual(
      new Set(['IntrospectionQuery']),
    );
    expect(opened.operations.at(-1)?.headers).toMatchObject({ 'x-purpose': hub.purpose });
    expect(await opened.stored('localStorage')).not.toContain(hub.token);
    expect(await opened.stored('sessionStorage')).toContain(hub.token);
  });

  test('a saved query runs at one click and shows its answer', async () => {
    await opened.runSavedQuery('One person across the bureaus');
    await opened.readResult('"person"');
    await opened.setVariables({ idNumber: hub.idNumber });
    await opened.run();
    const result = await opened.readResult('"household"');
    expect(result).not.toContain('"errors"');
  });

  test('an answer shows the receipt of the audit log', async () => {
    expect(await opened.readReceipt()).toMatch(/^[0-9a-f]{32,}$/);
  });

  test('a reader walks from the findings to one, its records, who read the person, and takes it up', async () => {
    const sent = opened.operations.length;
    await opened.runSavedQuery('Today’s findings with evidence');
    const [, id = ''] = /"id":\s*"([0-9a-f]{32})"/.exec(await opened.readResult('"findings"')) ?? [];
    await opened.page.getByRole('button', { name: 'See the first finding with its history' }).click();
    expect(await opened.readResult('"basis"')).toContain(id);
    await opened.runSavedQuery('The records behind a finding');
    expect(await opened.readResult('"idNumber"')).toContain(id);
    await opened.runSavedQuery('Who else read this person');
    expect(await opened.readResult('"accesses"')).toMatch(/"officer":\s*"tester"/);
    // What changes something waits for the reader.
    await opened.runSavedQuery('Take findings up');
    await opened.page.getByLabel('Variables', { exact: true }).locator('.view-lines').filter({ hasText: id }).waitFor();
    const names = () => opened.operations.slice(sent).map(({ operationName }) => operationName);
    expect(names()).toEqual(['Findings', 'OneFinding', 'RecordsBehind', 'WhoReadThisPerson']);
    await opened.run();
    expect(await opened.readResult('"takeUpFindings"')).toContain('"UNDER_REVIEW"');
    expect(names().at(-1)).toBe('TakeUpFindings');
  });

  test('a click within the moment in which GraphiQL still holds the old operation’s name runs what is on the screen', async () => {
    const [, id = ''] = /"id":\s*"([0-9a-f]{32})"/.exec(await opened.readResult('"takeUpFindings"')) ?? [];
    await opened.runAtOnce('Give findings back');
    expect(await opened.readResult('"giveBackFindings"')).toContain(id);
    expect(opened.operations.at(-1)?.operationName).toBe('GiveBackFindings');
  });

  test('the documentation says in Chinese what a type is', async () => {
    expect(await opened.readDocumentation('Household')).toContain('户籍信息');
  });

  test('nothing came from another host, and the console is clean', () => {
    expect(opened.foreignRequests).toEqual([]);
    expect(opened.consoleErrors).toEqual([]);
  });

  test('cleared, it has forgotten token and answers', async () => {
    await opened.clearToken();
    await opened.page.getByText('npx heyan token').waitFor();
    expect(await opened.stored('sessionStorage')).not.toContain(hub.token);
    expect(await opened.stored('sessionStorage')).not.toContain(hub.idNumber);
  });

  test.each([
    ['a text that is no token', 'not-a-token'],
    ['a token with a changed signature', 'tampered'],
  ])('%s is refused in words', async (_, kind) => {
    await opened.connect(kind === 'tampered' ? `${hub.token.slice(0, -8)}AAAAAAAA` : kind, hub.purpose, hub.caseNumber);
    expect(await opened.stateLine()).toContain('The token was not accepted');
    expect(await opened.stateLine()).toContain('令牌未被接受');
    expect(opened.foreignRequests).toEqual([]);
  });
}
