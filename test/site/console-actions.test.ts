import { gzipSync } from 'node:zlib';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, IN_BROWSER } from '../support/browser.ts';
import { heading, type OpenOptions, openConsole } from '../support/console.ts';
import { SUPPLY_POINTS, send, startTestHost, statusOf, type TestHost } from '../support/host.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';

const IN = '#/TEST_SUPPLIER';
let numbers = 0;
const nextIdentifier = (): string => {
  numbers += 1;
  return identifierNumber(610_000 + numbers);
};
const row = (identifier: string, taskParameters = {}): string =>
  JSON.stringify(guideRequest({ identifier, taskParameters }));
const file = (name: string, content: string | Buffer) => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(content as string),
});

describe.skipIf(CHROMIUM === undefined)(`${IN_BROWSER}the console`, () => {
  let host: TestHost;
  let browser: Browser;
  beforeAll(async () => {
    [host, browser] = await Promise.all([startTestHost(), chromium.launch({ executablePath: CHROMIUM! })]);
  });
  afterAll(async () => {
    await browser.close();
    await host.stop();
  });
  const open = (view: string, options: OpenOptions = {}) => openConsole(browser, host, view, options);
  const create = (identifier: string, taskParameters = {}) =>
    send(host, 'POST', `${SUPPLY_POINTS}/`, {
      token: host.token,
      json: guideRequest({ identifier, taskParameters }),
    });
  const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });

  describe('before a file is uploaded', () => {
    const csv = 'import_supplier,supply_point.identifier\nTEST_SUPPLIER,123\n';
    it.each([
      [
        'rows.ndjson',
        `${row('4001610000')}\n${row('123')}\n`,
        'it has 2 rows, 1 is invalid',
        '… is not a valid supply',
      ],
      [
        'rows.ndjson.gz',
        gzipSync(`${row('123')}\n`),
        'it has 1 row, 1 is invalid',
        '… is not a valid supply',
      ],
      ['rows.json', `[${row('4001610000')}]`, 'it has 1 row, all are valid', 'Upload and import'],
      ['rows.csv', csv, 'it has 1 row, 1 is invalid', 'This field is required.'],
      ['columns.csv', 'nonsense\n1\n', 'it has 0 rows', 'It cannot be read to its end: '],
      ['rows.xlsx', 'PK', 'it has 0 rows', 'It is a spreadsheet, which is not read. Export it as CSV UTF-8.'],
      ['rows.txt', 'x', 'it has 0 rows', 'The name must end in .ndjson'],
      ['empty.csv', '', 'it has 0 rows', 'The file is empty.'],
    ])('tells what is wrong with %s', async (name, content, counted, told) => {
      const page = await open(`${IN}/drops`);
      const uploads: string[] = [];
      page.on('request', (request) => request.method() !== 'GET' && uploads.push(request.url()));
      await page.getByLabel('Drop a file here').setInputFiles(file(name, content));
      const said = page.getByRole('region', { name: 'Drop a file' });
      await expect.poll(() => said.textContent()).toContain(told);
      if (!counted.endsWith('0 rows')) expect(await said.textContent()).toContain(counted);
      expect(uploads).toEqual([]);
      await page.close();
    });
  });

  it('uploads a file, follows the drop, and leads to the reasons', async () => {
    const page = await open(`${IN}/drops`);
    const rows = [row(nextIdentifier()), row('123'), row(nextIdentifier())];
    await page.getByLabel('Drop a file here').setInputFiles(file('mixed.ndjson', rows.join('\n')));
    await button(page, 'Upload all the same').click();
    await heading(page, 'mixed.ndjson').waitFor();
    await page.getByText('2 of 2 imports ended').waitFor();
    await page.getByRole('cell', { name: '123 is not a valid supply point identifier.' }).waitFor();
    await page.getByRole('img', { name: /2 imports that succeeded/ }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download the rows to correct' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.ndjson$/);
    await page.close();
  });

  it('takes a file that is dragged in', async () => {
    const page = await open(`${IN}/drops`);
    await page.getByLabel('Drop a file here').waitFor();
    await page.evaluate(
      `(async () => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([${JSON.stringify(row('123'))}], 'dragged.ndjson'));
        const target = document.querySelector('.upload');
        target.dispatchEvent(new DragEvent('dragover', { dataTransfer: transfer, bubbles: true, cancelable: true }));
        target.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
      })()`,
    );
    await page.getByText('dragged.ndjson').waitFor();
    await page.getByText('1 is invalid').waitFor();
    await page.close();
  });

  it('cancels a drop after it has asked', async () => {
    const page = await open(`${IN}/drops`);
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    const later = { schedule_window_start: at(3_600_000), schedule_window_end: at(7_200_000) };
    await page
      .getByLabel('Drop a file here')
      .setInputFiles(file('later.ndjson', row(nextIdentifier(), later)));
    await button(page, 'Upload and import').click();
    await heading(page, 'later.ndjson').waitFor();
    await button(page, 'Cancel this drop').click();
    await button(page, 'Cancel the drop').click();
    await page.locator('.status', { hasText: /^CANCELLED$/ }).waitFor();
    await page.close();
  });

  it('cancels an import that waits', async () => {
    const identifier = nextIdentifier();
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    await create(identifier, { schedule_window_start: at(3_600_000), schedule_window_end: at(7_200_000) });
    const page = await open(`${IN}/imports/${identifier}`);
    await button(page, 'Cancel').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await statusOf(host, identifier, ['CANCELLED']);
    await page
      .locator('.status', { hasText: /^CANCELLED$/ })
      .first()
      .waitFor();
    await page.close();
  });

  it('counts the imports of an error before it retries them', async () => {
    // Scenarios: the first two fail at each attempt, the third with another code.
    const failed = ['4999610102', '4999610202', '4999610101'];
    for (const identifier of failed) await create(identifier);
    for (const identifier of failed) await statusOf(host, identifier, ['ERRORED']);
    const page = await open(`${IN}/imports`);
    await page.getByLabel('Error code').fill('account_import_failed');
    await button(page, 'Find').click();
    await page.getByText('2 found in').waitFor();
    await button(page, 'Retry all of these…').click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('heading').textContent()).toBe(
      'Retry 2 imports that ended with account_import_failed?',
    );
    await dialog.getByRole('button', { name: 'Retry 2 imports' }).click();
    await page.getByText('2 imports retried.').waitFor();
    const history = async (identifier: string) => {
      const path = `${SUPPLY_POINTS}/TEST_SUPPLIER/${identifier}/history/`;
      const { body } = await send(host, 'GET', path, { token: host.token });
      return (body as { results: { event: string }[] }).results.map(({ event }) => event);
    };
    expect(await history('4999610102')).toContain('retried');
    expect(await history('4999610202')).toContain('retried');
    expect(await history('4999610101')).not.toContain('retried');
    await page.close();
  });

  it('masks personal data until it is shown on purpose', async () => {
    const identifier = nextIdentifier();
    await create(identifier);
    await statusOf(host, identifier, ['PROCESSED']);
    const page = await open(`${IN}/imports/${identifier}`);
    const asked: string[] = [];
    page.on('request', (request) => request.url().includes('/created/') && asked.push(request.url()));
    await button(page, 'Show what was created').waitFor();
    expect(asked).toEqual([]);
    await button(page, 'Show what was created').click();
    await page.getByText('accounts.0.customers.0.given_name').waitFor();
    expect(await page.locator('main').textContent()).not.toContain('Mickey');
    await button(page, 'Show personal data').click();
    await page.getByText('Mickey').first().waitFor();
    await button(page, 'Mask personal data').click();
    await expect.poll(() => page.locator('main').textContent()).not.toContain('Mickey');
    await page.close();
  });

  it('makes an import for a scenario, also when its first identifier is taken', async () => {
    const page = await open(`${IN}/rehearse`);
    const made = page.getByRole('row').filter({ hasText: '4999????06' });
    const link = made.getByRole('link');
    await made.getByRole('button').click();
    const first = (await link.textContent())!;
    await statusOf(host, first, ['PROCESSED']);
    await made.getByRole('button').click();
    await expect.poll(() => link.textContent()).not.toBe(first);
    await link.click();
    await page.getByText('Submitted').waitFor();
    await page.goBack();
    const refused = page.getByRole('row').filter({ hasText: '4999????53' });
    await refused.getByRole('button').click();
    await refused.getByText('Refused, as it should be: 503').waitFor();
    await page.close();
  });

  it('shows the errors of the example beside its fields, and imports it when it is valid', async () => {
    const page = await open(`${IN}/rehearse`);
    const title = page.getByLabel('accounts.0.customers.0.title');
    await title.fill('Mx.');
    await button(page, 'Validate').click();
    await page.getByText('It has an error.').waitFor();
    expect(await title.getAttribute('aria-invalid')).toBe('true');
    const id = (await title.getAttribute('aria-describedby'))!;
    expect(await page.locator(`[id="${id}"]`).textContent()).toContain('"Mx." is not a valid choice.');
    await title.fill('Mr');
    const identifier = nextIdentifier();
    await page.getByLabel('supply_point.identifier', { exact: true }).fill(identifier);
    await button(page, 'Validate').click();
    await page.getByText('It is valid. Nothing was stored.').waitFor();
    await button(page, 'Edit as JSON').click();
    expect(await page.getByLabel('Request as JSON').inputValue()).toContain(identifier);
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await statusOf(host, identifier, ['PROCESSED']);
    await page.close();
  });

  it('opens and closes suppliers, and makes tokens that are shown once', async () => {
    const page = await open('#/admin');
    await page.getByLabel('New supplier’s code').fill('NEW_SUPPLIER');
    await button(page, 'Register').click();
    await button(page, 'Close NEW_SUPPLIER').click();
    await button(page, 'Close it').click();
    await button(page, 'Open NEW_SUPPLIER').waitFor();
    await page.getByLabel('Its holder’s name').fill('A pipeline');
    await page.getByLabel('Role').selectOption('importer');
    await page.getByLabel(/^Suppliers/).selectOption('TEST_SUPPLIER');
    await button(page, 'Make it').click();
    const key = (await page.locator('.key').textContent())!;
    const me = await send(host, 'GET', '/me/', { token: key });
    expect(me.body).toMatchObject({ role: 'importer', token: { name: 'A pipeline' } });
    await button(page, 'I have it').click();
    expect(await page.locator('main').textContent()).not.toContain(key);
    await button(page, 'Revoke the token of A pipeline').click();
    await button(page, 'Revoke it').click();
    await page.getByRole('row').filter({ hasText: 'A pipeline' }).getByText('revoked').waitFor();
    await expect.poll(async () => (await send(host, 'GET', '/me/', { token: key })).status).toBe(401);
    await page.close();
  });
});
