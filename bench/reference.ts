import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { readSite, siteResponse } from '../functions/edge/site-files.ts';
import { CommandError, main, readArguments, wholeNumber } from '../scripts/command/command.ts';
import { writeSite } from '../site/build.ts';
import { pages } from '../site/pages/pages.ts';
import { CHROMIUM } from '../test/support/browser.ts';

const USAGE = `npm run bench:reference [-- --slowdown 4] [-- --repeat 5]

Opens each page of the reference in Chromium with an empty cache and a slow CPU, and prints the bytes that the network carried and the
median time until the content is painted. The pages come from the function's own code in this process: there is no network.

  --slowdown <times>   how many times slower the CPU is (4)
  --repeat <times>     how often each page is opened (5)
  --help               prints this`;

type Options = { slowdown: number; repeat: number };

await main({
  usage: USAGE,
  read: (args): Options => {
    const { values } = readArguments(args, {
      options: { slowdown: { type: 'string', default: '4' }, repeat: { type: 'string', default: '5' } },
    });
    return {
      slowdown: wholeNumber('--slowdown', values.slowdown, 1, 100),
      repeat: wholeNumber('--repeat', values.repeat, 1, 100),
    };
  },
  run: measure,
});

async function measure({ slowdown, repeat }: Options): Promise<void> {
  if (CHROMIUM === undefined) throw new CommandError('There is no Chromium: apt-get install chromium.');
  const folder = mkdtempSync(join(tmpdir(), 'reference-'));
  writeSite(folder);
  const server = serve(folder);
  const browser = await chromium.launch({ executablePath: CHROMIUM });
  try {
    const { port } = server.address() as AddressInfo;
    console.log('page                                  kB    ms to content');
    for (const { path } of pages()) {
      const runs: Run[] = [];
      for (let run = 0; run < repeat; run += 1)
        runs.push(await open(browser, `http://127.0.0.1:${port}/docs/${path}`, slowdown));
      const times = runs.map(({ milliseconds }) => milliseconds).sort((one, other) => one - other);
      const kilobytes = (runs[0]!.bytes / 1000).toFixed(1).padStart(5);
      console.log(`${`docs/${path}`.padEnd(34)} ${kilobytes} ${times[repeat >> 1]!.toFixed(0).padStart(16)}`);
    }
  } finally {
    await browser.close();
    server.close();
    rmSync(folder, { recursive: true });
  }
}

/** Serves the site with the function's responses. */
function serve(folder: string) {
  const files = readSite(pathToFileURL(`${folder}/`));
  return createServer((request, response) => {
    const path = request.url!;
    const header = (name: string) => request.headers[name]?.toString();
    const page = path.replace(/^\/docs\/?/, '');
    const resource = page === '' ? '/docs' : '/docs/{page+}';
    const parameters = page === '' ? {} : { page };
    const { status, body, headers } = siteResponse(files, { resource, path, parameters, header });
    response.writeHead(status, headers).end(body);
  }).listen(0, '127.0.0.1');
}

type Run = { milliseconds: number; bytes: number };

/** Opens a page with an empty cache. Its content is there when the browser has painted the largest element (Largest Contentful Paint). */
async function open(browser: Browser, url: string, slowdown: number): Promise<Run> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const devTools = await context.newCDPSession(page);
  await devTools.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  await page.goto(url, { waitUntil: 'load' });
  const run = await page.evaluate<Run>(`new Promise((resolve) => {
    const bytes = performance.getEntries().reduce((sum, entry) => sum + (entry.transferSize ?? 0), 0);
    new PerformanceObserver((list) => resolve({ milliseconds: list.getEntries().at(-1).startTime, bytes }))
      .observe({ type: 'largest-contentful-paint', buffered: true });
  })`);
  await context.close();
  return run;
}
