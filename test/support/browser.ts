import { existsSync } from 'node:fs';

/** Debian's Chromium, or Chrome on GitHub's runners. Undefined if there is none. */
export const CHROMIUM = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (path) => path !== undefined && existsSync(path),
);

/** What the title of a test that needs a browser begins with. */
export const IN_BROWSER =
  CHROMIUM === undefined
    ? 'SKIPPED, because no Chromium is installed (apt-get install chromium): '
    : 'in Chromium: ';
