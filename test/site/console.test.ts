import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Role, sha256 } from '../../shared/suppliers/tokens.ts';
import { AXE, axe, CHROMIUM, focused, IN_BROWSER, tabTo } from '../support/browser.ts';
import { heading, type OpenOptions, openConsole, WIDE } from '../support/console.ts';
import { dropBucket } from '../support/drops.ts';
import { addEndedImports } from '../support/ended-imports.ts';
import { SUPPLY_POINTS, send, startTestHost, statusOf, type TestHost } from '../support/host.ts';
import { guideRequest } from '../support/requests.ts';

const NARROW = { width: 400, height: 800 };
const IN = '#/TEST_SUPPLIER';
/** Text that would be an image if it were markup. */
const MARKUP = '<img src=x onerror=alert(1)>';
/** An import that a scenario lets fail, and retries succeed. */
const FAILED = '4999000004';
const CREATED = '4003100001';

const row = (identifier: string, supplier = 'TEST_SUPPLIER'): string =>
  JSON.stringify(guideRequest({ identifier, supplier }));

describe.skipIf(CHROMIUM === undefined)(`${IN_BROWSER}the console`, () => {
  let host: TestHost;
  let browser: Browser;
  let drop: string;
  beforeAll(async () => {
    [host, browser] = await Promise.all([startTestHost(), chromium.launch({ executablePath: CHROMIUM! })]);
    // `CONSOLE_IMPORTS=100000 npx vitest run test/site/console.test.ts` tests it with so many imports in the store.
    if (process.env['CONSOLE_IMPORTS'] !== undefined)
      await addEndedImports(host, Number(process.env['CONSOLE_IMPORTS']));
    const bucket = dropBucket(host);
    const rows = [row('4003100002'), row('4003100003', MARKUP), row('123'), row('4999000002')];
    await bucket.drop('TEST_SUPPLIER/four.ndjson', rows.join('\n'));
    for (const identifier of [CREATED, FAILED])
      await send(host, 'POST', `${SUPPLY_POINTS}/`, {
        token: host.token,
        json: guideRequest({ identifier }),
      });
    bucket.client.destroy();
    // Hooks cannot use expect.poll.
    await vi.waitFor(
      async () => {
        const counts = await get('counts/');
        expect(counts).toMatchObject({ statuses: { PENDING: 0, IN_PROGRESS: 0 }, is_exact: true });
        expect(counts.statuses.PROCESSED).toBeGreaterThanOrEqual(2);
        expect(counts.statuses.ERRORED).toBeGreaterThanOrEqual(2);
        const { results } = await get('drops/');
        expect(results[0]).toMatchObject({ state: 'ENDED', rows: { read: 4 } });
        drop = results[0].drop;
      },
      { timeout: 120_000, interval: 100 },
    );
  });
  afterAll(async () => {
    await browser.close();
    await host.stop();
  });

  // biome-ignore lint/suspicious/noExplicitAny: bodies of different operations
  const get = async (path: string): Promise<any> =>
    (await send(host, 'GET', `${SUPPLY_POINTS}/TEST_SUPPLIER/${path}`, { token: host.token })).body;

  const open = (view: string, { token = host.token, ...options }: OpenOptions = {}) =>
    openConsole(browser, host, view, { token, ...options });
  const tokenOf = (role: Role): Promise<string> => host.tokenFor(['TEST_SUPPLIER'], { role });

  describe('every view', () => {
    const views: [name: string, view: () => string, title: string, ready: string][] = [
      ['overview', () => `${IN}/overview`, 'Overview', 'Imports of the last hour'],
      ['drops', () => `${IN}/drops`, 'Drops', 'four.ndjson'],
      ['a drop', () => `${IN}/drops/${drop}`, 'four.ndjson', 'Download the rows to correct'],
      ['imports', () => `${IN}/imports`, 'Imports', FAILED],
      ['imports by error', () => `${IN}/imports?code=account_import_failed`, 'Imports', '4999000002'],
      ['imports of a drop', () => `${IN}/imports?drop=${drop}`, 'Imports', '4999000002'],
      ['an import', () => `${IN}/imports/${FAILED}`, FAILED, 'Started'],
      ['rehearse', () => `${IN}/rehearse`, 'Rehearse', 'Validate'],
      ['admin', () => '#/admin', 'Admin', 'Make it'],
    ];

    it.each(views)(
      'has no axe findings in light and dark and at 400 px, loads nothing else, and does not scroll sideways: %s',
      async (_, view, title, ready) => {
        const page = await open(view(), { viewport: NARROW, colorScheme: 'dark', bypassCSP: true });
        const foreign: string[] = [];
        page.on('request', (request) => foreign.push(new URL(request.url()).origin));
        await heading(page, title).waitFor();
        await page.getByText(ready).first().waitFor();
        await page.evaluate(AXE);
        const findings = await axe(page, 'dark and narrow');
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(NARROW.width);
        await page.emulateMedia({ colorScheme: 'light' });
        await page.setViewportSize(WIDE);
        findings.push(...(await axe(page, 'light')));
        expect(findings).toEqual([]);
        expect(foreign.filter((origin) => origin !== host.endpoints.api)).toEqual([]);
        await page.close();
      },
    );
  });

  it('asks a question without axe findings', async () => {
    const page = await open(`${IN}/imports/${FAILED}`, {
      viewport: NARROW,
      colorScheme: 'dark',
      bypassCSP: true,
    });
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('dialog').waitFor();
    await page.evaluate(AXE);
    const findings = await axe(page, 'dark and narrow');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize(WIDE);
    findings.push(...(await axe(page, 'light')));
    expect(findings).toEqual([]);
    await page.close();
  });

  it('keeps the token in the tab only, and in no address', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const addresses: string[] = [];
    page.on('request', (request) => addresses.push(request.url()));
    await page.goto(`${host.endpoints.api}/console/#token=${host.token}`);
    await heading(page, 'Overview').waitFor();
    addresses.push(page.url());
    expect(addresses.filter((url) => url.replace(/#.*/, '').includes(host.token))).toEqual([]);
    expect(page.url()).not.toContain(host.token);
    expect(JSON.stringify(await page.evaluate('({ ...localStorage })'))).not.toContain(host.token);
    await page.reload();
    await heading(page, 'Overview').waitFor();
    const other = await context.newPage();
    await other.goto(`${host.endpoints.api}/console/`);
    await other.getByLabel('Token').waitFor();
    await context.close();
  });

  it('asks for another token when it was revoked, and keeps the place', async () => {
    const token = await tokenOf('viewer');
    const page = await open(`${IN}/drops/${drop}`, { token });
    await heading(page, 'four.ndjson').waitFor();
    await host.registered.revokeToken(sha256(token), Date.now());
    await page.getByRole('link', { name: 'Imports', exact: true }).click();
    await heading(page, 'Another token, please').waitFor();
    await page.getByLabel('Token').fill(host.token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await heading(page, 'Imports').waitFor();
    await page.getByRole('link', { name: FAILED }).waitFor();
    expect(new URL(page.url()).hash).toBe(`${IN}/imports`);
    await page.goBack();
    await heading(page, 'four.ndjson').waitFor();
    await page.close();
  });

  it('says since when the service is gone, keeps what it shows, and comes back by itself', async () => {
    const page = await open(`${IN}/imports`);
    await page.getByRole('link', { name: FAILED }).waitFor();
    await page.context().setOffline(true);
    await page.getByRole('link', { name: 'Drops', exact: true }).click();
    await expect
      .poll(() => page.getByRole('alert').textContent())
      .toMatch(/has not answered since \d\d:\d\d:\d\d/);
    await page.context().setOffline(false);
    await page.getByRole('link', { name: 'four.ndjson' }).waitFor();
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
    await page.close();
  });

  it('shows a viewer no button that would be refused', async () => {
    const page = await open(`${IN}/imports/${FAILED}`, { token: await tokenOf('viewer') });
    await heading(page, FAILED).waitFor();
    await page.getByText('Started').waitFor();
    const buttons = async () =>
      (await page.getByRole('button').allTextContents()).filter((text) => text !== 'Sign out');
    expect(await buttons()).toEqual([]);
    for (const [view, title] of [
      [`drops/${drop}`, 'four.ndjson'],
      ['imports?status=ERRORED', 'Imports'],
      ['rehearse', 'Rehearse'],
    ]) {
      await page.evaluate(`location.hash = '${IN}/${view}'`);
      await heading(page, title!).waitFor();
      expect((await buttons()).filter((text) => text !== 'Find')).toEqual([]);
    }
    expect(await page.getByRole('link', { name: 'Admin' }).count()).toBe(0);
    await page.close();
  });

  it('shows text of files as text', async () => {
    const page = await open(`${IN}/drops/${drop}`);
    await page.getByText(MARKUP).first().waitFor();
    expect(await page.locator('img').count()).toBe(0);
    await page.close();
  });

  it('asks with ETags, and not at all while it is hidden', async () => {
    const page = await browser.newPage();
    await page.clock.install();
    const asked: number[] = [];
    page.on('response', (response) => {
      if (response.url().includes('/counts/')) asked.push(response.status());
    });
    await page.goto(`${host.endpoints.api}/console/#token=${host.token}`);
    await heading(page, 'Overview').waitFor();
    await page.clock.runFor(15_000);
    await expect.poll(() => asked.length).toBe(2);
    // The counts have a new time every five seconds, the list of drops only what changed.
    const drops = page.waitForResponse((response) => /\/drops\/\?/.test(response.url()));
    await page.clock.runFor(15_000);
    expect((await drops).status()).toBe(304);
    // It is hidden while it waits for a response.
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    await page.route('**/counts/', async (route) => {
      await held;
      await route.continue();
    });
    const request = page.waitForRequest('**/counts/');
    await page.clock.runFor(15_000);
    await request;
    await page.evaluate(`Object.defineProperty(document, 'hidden', { get: () => true, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'))`);
    const response = page.waitForResponse('**/counts/');
    release();
    await (await response).finished();
    const ROUND_TRIP = `fetch('assets/errors.json').then((loaded) => loaded.text())`;
    await page.evaluate(ROUND_TRIP);
    const before = asked.length;
    const requests: string[] = [];
    page.on('request', (each) => requests.push(each.url()));
    await page.clock.runFor(120_000);
    await page.evaluate(ROUND_TRIP);
    expect(requests).toEqual([expect.stringMatching(/errors\.json$/)]);
    await page.evaluate(`Object.defineProperty(document, 'hidden', { get: () => false, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'))`);
    await expect.poll(() => asked.length).toBe(before + 1);
    await page.close();
  });

  it('leads from the first page to the reason of a failed line by mouse alone', async () => {
    const page = await open('#/');
    await page.getByRole('link', { name: 'See why' }).last().click();
    await heading(page, 'four.ndjson').waitFor();
    const line = page.getByRole('row').filter({ hasText: '123 is not a valid supply point identifier.' });
    expect(await line.getByRole('cell').first().textContent()).toBe('3');
    await page.getByRole('link', { name: 'More about it' }).first().click();
    await page.waitForURL(/\/docs\/errors\/#/);
    await page.close();
  });

  it('is used by keyboard alone: to an import, and its retry', async () => {
    const page = await open(`${IN}/overview`);
    await heading(page, 'Overview').waitFor();
    await tabTo(page, 'Imports');
    await page.keyboard.press('Enter');
    await heading(page, 'Imports').waitFor();
    expect(await focused(page)).toBe('Imports');
    await page.getByRole('link', { name: FAILED }).waitFor();
    await tabTo(page, FAILED);
    await page.keyboard.press('Enter');
    await heading(page, FAILED).waitFor();
    await page.getByRole('button', { name: 'Retry' }).waitFor();
    await tabTo(page, 'Retry');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    expect(await statusOf(host, FAILED, ['ERRORED'])).toBeDefined();
    await page.getByRole('button', { name: 'Retry' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Retry' }).press('Enter');
    await page.getByText('Attempt 2').waitFor();
    // The scenario is for the first attempt only.
    await statusOf(host, FAILED, ['PROCESSED']);
    await page.getByText('PROCESSED').first().waitFor();
    await page.close();
  });
});
