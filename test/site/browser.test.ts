import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pages } from '../../site/pages/pages.ts';
import { AXE, axe, CHROMIUM, focused, IN_BROWSER, tabTo } from '../support/browser.ts';
import { startTestHost, type TestHost } from '../support/host.ts';

const WIDE = { width: 1280, height: 900 };
/** Pages of operations differ in their texts only, so three of them are tested in wide windows. */
const SHOWN_WIDE = /^(?!operations\/.)|^operations\/(validate|list|drops-status)\/$/;
const NARROW = { width: 400, height: 800 };

describe.skipIf(CHROMIUM === undefined)(`${IN_BROWSER}the reference`, () => {
  let host: TestHost;
  let browser: Browser;
  beforeAll(async () => {
    [host, browser] = await Promise.all([startTestHost(), chromium.launch({ executablePath: CHROMIUM! })]);
  });
  afterAll(async () => {
    await browser.close();
    await host.stop();
  });

  /** Opens a page of the reference in a new tab with nothing stored. */
  async function open(path: string, options: { javaScriptEnabled?: boolean } = {}): Promise<Page> {
    const page = await browser.newPage({ viewport: WIDE, ...options });
    await page.goto(`${host.endpoints.api}/docs/${path}`);
    return page;
  }

  it.each(pages().map(({ path }) => path))(
    'has no axe findings in light and dark and at 400 px, loads nothing else, and does not scroll sideways: /docs/%s',
    async (path) => {
      // axe itself is a script that the policy forbids.
      const page = await browser.newPage({ viewport: NARROW, colorScheme: 'dark', bypassCSP: true });
      const foreign: string[] = [];
      page.on('request', (request) => {
        if (!request.url().startsWith(`${host.endpoints.api}/docs/`)) foreign.push(request.url());
      });
      await page.goto(`${host.endpoints.api}/docs/${path}`);
      await page.evaluate(AXE);
      const findings = await axe(page, 'dark and narrow');
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(NARROW.width);
      if (SHOWN_WIDE.test(path)) {
        await page.setViewportSize(WIDE);
        // The links beside the content are hidden in narrow windows.
        findings.push(...(await axe(page, 'dark', 'header, .side, .code-side')));
        await page.emulateMedia({ colorScheme: 'light' });
        findings.push(...(await axe(page, 'light')));
      }
      expect(findings).toEqual([]);
      expect(foreign.filter((url) => !url.startsWith('data:'))).toEqual([]);
      await page.close();
    },
  );

  it('would report an axe finding', async () => {
    const page = await browser.newPage({ bypassCSP: true });
    await page.setContent('<html lang="en"><title>x</title><main><h1>x</h1><img src="data:,"></main>');
    await page.evaluate(AXE);
    expect(await axe(page, 'broken')).toEqual([expect.stringContaining('image-alt')]);
    await page.close();
  });

  it('finds accounts.customers.mobile by search, and follows its address', async () => {
    const page = await open('fields/#accounts.customers.mobile');
    expect(await page.locator(':target').textContent()).toContain('An Australian mobile number');
    await page.getByRole('searchbox').fill('customers.mobile');
    await expect.poll(() => page.getByRole('status').textContent()).toMatch(/^1 of \d+ found$/);
    const shown = page.locator('.field:visible');
    expect(await shown.evaluateAll((fields) => fields.map(({ id }) => id))).toEqual([
      'accounts.customers.mobile',
    ]);
    await page.getByRole('searchbox').press('Escape');
    expect(await shown.count()).toBeGreaterThan(70);
    await page.close();
  });

  it('finds an error by a pasted message with what was sent', async () => {
    const page = await open('errors/');
    await page.getByRole('searchbox').fill('"NOBODY" is not a valid choice.');
    const shown = page.locator('.error:visible');
    await expect.poll(() => shown.count()).toBe(1);
    expect(await shown.getAttribute('id')).toBe('invalid_choice');
    await page.close();
  });

  it('sends a request by keyboard alone, and keeps the token in the tab only', async () => {
    const page = await open('operations/validate/');
    const problems: string[] = [];
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    await tabTo(page, 'curl');
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('[data-language]:visible').getAttribute('data-language')).toBe('typescript');
    await tabTo(page, 'Token');
    await page.keyboard.type(host.token);
    await tabTo(page, 'Send');
    await page.keyboard.press('Enter');
    const response = page.getByRole('status');
    await expect.poll(() => response.textContent()).toContain('"identifier": "4001248530"');
    expect(await response.textContent()).toMatch(/^200 OK in \d+ ms/);
    await page.reload();
    expect(await page.getByLabel('Token', { exact: true }).inputValue()).toBe(host.token);
    expect(JSON.stringify(await page.evaluate('({ ...localStorage })'))).not.toContain(host.token);
    expect(problems).toEqual([]);
    await page.close();
  });

  it('shows the errors of a request, and the fields that were ignored', async () => {
    const page = await open('operations/create/');
    await page.getByLabel('Token', { exact: true }).fill(host.token);
    await page.getByLabel('Body').fill('{"payload": {}, "task_params": {"dry_run": true}}');
    await page.getByRole('button', { name: 'Send' }).click();
    const response = page.getByRole('status');
    await expect.poll(() => response.textContent()).toContain('400 Bad Request');
    expect(await response.textContent()).toContain('Ignored fields: task_params.dry_run');
    expect(await response.textContent()).toContain('This field is required.');
    await page.close();
  });

  it('sends parameters in the path and the query', async () => {
    const page = await open('operations/list/');
    await page.getByLabel('Token', { exact: true }).fill(host.token);
    await page.getByLabel('status').fill('NO_STATUS');
    await page.getByRole('button', { name: 'Send' }).click();
    await expect
      .poll(() => page.getByRole('status').textContent())
      .toContain('"NO_STATUS\\" is not a valid choice');
    await page.close();
  });

  it('sends requests below a stage’s path', async () => {
    const page = await browser.newPage();
    const stage = `${host.endpoints.api}/prod`;
    const outside: string[] = [];
    page.on('request', (request) => {
      if (!/^data:/.test(request.url()) && !request.url().startsWith(stage)) outside.push(request.url());
    });
    await page.route(`${stage}/**`, async (route) => {
      const url = route.request().url().replace(stage, host.endpoints.api);
      await route.fulfill({ response: await route.fetch({ url }) });
    });
    await page.goto(`${stage}/docs/operations/me/`);
    await page.getByLabel('Token', { exact: true }).fill(host.token);
    await page.getByRole('button', { name: 'Send' }).click();
    await expect.poll(() => page.getByRole('status').textContent()).toContain('"role": ');
    expect(outside).toEqual([]);
    await page.close();
  });

  it('can be read without JavaScript: content, languages of examples, and no control that would do nothing', async () => {
    const page = await open('fields/', { javaScriptEnabled: false });
    expect(await page.locator('[id="accounts.customers.mobile"]').isVisible()).toBe(true);
    expect(await page.getByRole('searchbox').count()).toBe(0);
    await page.goto(`${host.endpoints.api}/docs/operations/validate/`);
    expect(await page.getByRole('button').count()).toBe(0);
    await page.getByLabel('Python').check();
    expect(await page.locator('[data-language]:visible').innerText()).toContain('urllib.request');
    await page.close();
  });
});
