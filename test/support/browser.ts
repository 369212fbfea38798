import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/** Debian's Chromium, or Chrome on GitHub's runners. Undefined if there is none. */
export const CHROMIUM = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (path) => path !== undefined && existsSync(path),
);

/** What the title of a test that needs a browser begins with. */
export const IN_BROWSER =
  CHROMIUM === undefined
    ? 'SKIPPED, because no Chromium is installed (apt-get install chromium): '
    : 'in Chromium: ';

/** The script of axe, which finds what people with disabilities cannot use. Pages that run it must not enforce their policy. */
export const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Runs axe in a page that has its script. Returns its findings as lines. */
export async function axe(page: Page, name: string, part = 'html'): Promise<string[]> {
  const { violations } = await page.evaluate<AxeResults>(`axe.run(${JSON.stringify(part)})`);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html }) => `${name}: ${id}: ${html.slice(0, 150)}`),
  );
}

/** The name of the control that has the focus. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate<string>('(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()');

/** Presses the tab key until the control of this name has the focus. */
export async function tabTo(page: Page, name: string): Promise<void> {
  for (let pressed = 0; pressed < 60; pressed += 1) {
    await page.keyboard.press('Tab');
    if ((await focused(page)) === name) return;
  }
  throw new Error(`The tab key does not lead to "${name}".`);
}
