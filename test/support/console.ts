import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { TestHost } from './host.ts';

export const WIDE = { width: 1280, height: 900 };
export type OpenOptions = { token?: string } & BrowserContextOptions;

/** Opens a view of the console in a new tab with a token in the fragment, as `npm start` prints it. Errors of the page fail the test. */
export async function openConsole(
  browser: Browser,
  host: TestHost,
  view: string,
  { token = host.token, ...options }: OpenOptions = {},
): Promise<Page> {
  const page = await browser.newPage({ viewport: WIDE, ...options });
  page.on('pageerror', (error) => {
    throw error;
  });
  await page.goto(`${host.endpoints.api}/console/#token=${token}`);
  await page.getByRole('navigation').waitFor();
  await page.evaluate(`location.hash = ${JSON.stringify(view)}`);
  return page;
}

/** The title of a view. */
export const heading = (page: Page, name: string): Locator => page.getByRole('heading', { level: 1, name });
