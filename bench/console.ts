import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { startHost } from '../infra/local/host.ts';
import { seed } from '../infra/local/seed.ts';
import { buildApp } from '../infra/synthesize.ts';
import { CommandError, main, readArguments, wholeNumber } from '../scripts/command/command.ts';
import { CHROMIUM } from '../test/support/browser.ts';
import { addEndedImports } from '../test/support/ended-imports.ts';

const USAGE = `npm run bench:console [-- --imports 100000] [-- --slowdown 4] [-- --repeat 5]

Starts a local host with that many ended imports of the last week, opens views of the console in Chromium with an empty cache and a slow CPU,
and prints the bytes that the network carried and the median times until the view shows its title and its content. The responses come from the local host
on the same machine.

  --imports <number>   how many imports there are (100000); one in ten errored
  --slowdown <times>   how many times slower the browser's CPU is (4)
  --repeat <times>     how often each view is opened (5)
  --help               prints this`;

type Options = { imports: number; slowdown: number; repeat: number };
const IMPORT_SUPPLIER = 'TEST_SUPPLIER';

/** The views, and a selector of their content. */
const VIEWS = [
  ['overview', '.tile b'],
  ['overview?period=week', '.plot rect'],
  ['imports', 'tbody tr'],
  ['imports?status=ERRORED', 'tbody tr'],
  ['imports?code=nothing_has_it', 'main button'],
  ['drops', '.upload'],
  ['rehearse', '.example .field'],
] as const;

await main({
  usage: USAGE,
  read: (args): Options => {
    const { values } = readArguments(args, {
      options: {
        imports: { type: 'string', default: '100000' },
        slowdown: { type: 'string', default: '4' },
        repeat: { type: 'string', default: '5' },
      },
    });
    return {
      imports: wholeNumber('--imports', values.imports, 1, 10_000_000),
      slowdown: wholeNumber('--slowdown', values.slowdown, 1, 100),
      repeat: wholeNumber('--repeat', values.repeat, 1, 100),
    };
  },
  run: measure,
});

async function measure({ imports, slowdown, repeat }: Options): Promise<void> {
  if (CHROMIUM === undefined) throw new CommandError('There is no Chromium: apt-get install chromium.');
  const folder = mkdtempSync(join(tmpdir(), 'console-'));
  const assembly = join(folder, 'assembly');
  buildApp({ environment: 'dev', outdir: assembly }).synth();
  const host = await startHost({ assembly, stackName: 'supply-point-import-dev', port: 0 });
  const browser = await chromium.launch({ executablePath: CHROMIUM });
  try {
    const { token } = await seed(host.endpoints, {});
    const startedAt = performance.now();
    await addEndedImports(host, imports);
    console.log(`${imports} imports in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
    console.log('view                                  kB   ms to title    ms to content');
    for (const [view, selector] of VIEWS) {
      const url = `${host.endpoints.api}/console/#/${IMPORT_SUPPLIER}/${view}`;
      const runs: Run[] = [];
      for (let run = 0; run < repeat; run += 1)
        runs.push(await open(browser, { url, token, selector, slowdown }));
      const median = (name: 'title' | 'content'): string =>
        runs
          .map((run) => run[name])
          .sort((one, other) => one - other)
          [repeat >> 1]!.toFixed(0);
      const kilobytes = (runs[0]!.bytes / 1000).toFixed(1).padStart(5);
      console.log(
        `${view.padEnd(34)} ${kilobytes} ${median('title').padStart(13)} ${median('content').padStart(16)}`,
      );
    }
  } finally {
    await browser.close();
    await host.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Times in milliseconds since the navigation began. */
type Run = { title: number; content: number; bytes: number };

/** Opens a view with an empty cache and the token in the tab. Returns when its title and its content are there. */
async function open(
  browser: Browser,
  { url, token, selector, slowdown }: { url: string; token: string; selector: string; slowdown: number },
): Promise<Run> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  await context.addInitScript(`sessionStorage.setItem('supply-points-token', ${JSON.stringify(token)});
    const shownAt = (selector) => new Promise((resolve) => {
      new MutationObserver((_, observer) => {
        if (document.querySelector(selector) === null) return;
        observer.disconnect();
        requestAnimationFrame(() => resolve(performance.now()));
      }).observe(document, { childList: true, subtree: true });
    });
    window.shown = { title: shownAt('h1'), content: shownAt(${JSON.stringify(selector)}) };`);
  const page = await context.newPage();
  const devTools = await context.newCDPSession(page);
  await devTools.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  await page.goto(url, { waitUntil: 'load' });
  const run = {
    title: await page.evaluate<number>('window.shown.title'),
    content: await page.evaluate<number>('window.shown.content'),
    bytes: await page.evaluate<number>(
      'performance.getEntries().reduce((sum, entry) => sum + (entry.transferSize ?? 0), 0)',
    ),
  };
  await context.close();
  return run;
}
