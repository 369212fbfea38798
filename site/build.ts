import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openApiDocument } from '../shared/api/openapi.ts';
import { consoleFiles } from './console/build.ts';
import { csvTemplate, guideExample, ndjsonExample } from './downloads.ts';
import { renderPage } from './layout.ts';
import { pages } from './pages/pages.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.csv': 'text/csv; charset=utf-8',
  '.ndjson': 'application/x-ndjson',
};

/** Returns the site's files by their paths: the reference's pages with styles, scripts and downloads, the console, and the API's description. */
export function siteFiles(): Map<string, string> {
  const files = new Map<string, string>();
  for (const page of pages()) files.set(`docs/${page.path}index.html`, renderPage(page));
  files.set('docs/assets/style.css', styleSheet('frame', 'text', 'controls', 'reference'));
  files.set('docs/assets/reference.js', asset('reference.js'));
  for (const [path, text] of consoleFiles()) files.set(`console/${path}`, text);
  files.set('console/assets/style.css', styleSheet('frame', 'text', 'controls', 'console'));
  files.set('openapi.json', JSON.stringify(openApiDocument()));
  files.set('docs/downloads/template.csv', csvTemplate());
  files.set('docs/downloads/example.ndjson', ndjsonExample());
  files.set('docs/downloads/guide-example.json', JSON.stringify(guideExample(), null, 2));
  return files;
}

const asset = (name: string): string => readFileSync(new URL(`./assets/${name}`, import.meta.url), 'utf8');

/** One file, because a page waits for each style sheet. */
const styleSheet = (...names: string[]): string =>
  names.map((name) => asset(`styles/${name}.css`)).join('\n');

/** Writes the site to a folder, as the `site` function reads it: each file, its gzip form, and an index with types and ETags. */
export function writeSite(folder: string): void {
  const index: Record<string, { type: string; etag: string }> = {};
  for (const [path, text] of siteFiles()) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    writeFileSync(`${file}.gz`, gzipSync(text, { level: 9 }));
    const hash = createHash('sha256').update(text).digest('base64url').slice(0, 16);
    // Weak, because both encodings have the same ETag (source: RFC 9110, section 8.8.1).
    index[path] = { type: TYPES[extname(path)]!, etag: `W/"${hash}"` };
  }
  writeFileSync(join(folder, 'index.json'), JSON.stringify(index));
}
