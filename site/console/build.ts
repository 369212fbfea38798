import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync } from 'esbuild';
import { errorCatalogue } from '../../shared/api/error-catalogue.ts';
import { OPERATIONS } from '../../shared/api/operations.ts';

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const packagePath = createRequire(import.meta.url).resolve;

const OPTIONS: BuildOptions = {
  bundle: true,
  splitting: true,
  format: 'esm',
  minify: true,
  platform: 'browser',
  target: 'es2023',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  entryNames: 'console',
  chunkNames: '[name]-[hash]',
  outdir: 'assets',
  write: false,
  legalComments: 'none',
  logLevel: 'warning',
};

/**
 * Returns the console's files by their paths below `console/`: a page, its script, and what the script loads when it is needed, which is the
 * contract that checks files before they are uploaded.
 */
export function consoleFiles(): Map<string, string> {
  const routes = Object.entries(OPERATIONS).map(([name, { method, path }]) => [name, [method, path]]);
  const { outputFiles = [] } = buildSync({
    ...OPTIONS,
    entryPoints: [file('./main.tsx')],
    define: { ROUTES: JSON.stringify(Object.fromEntries(routes)) },
    // The readers of dropped files are written for Node. Browsers decompress by themselves.
    alias: {
      'node:zlib': file('./no-zlib.ts'),
      'csv-parse': packagePath('csv-parse/browser/esm'),
    },
  });
  const files = new Map<string, string>();
  for (const { path, text } of outputFiles) files.set(`assets/${basename(path)}`, text);
  files.set('index.html', pageWith([...files.keys()].filter((path) => path.includes('/chunk-'))));
  const errors = errorCatalogue()
    .filter(({ where }) => where !== 'response')
    .map(({ id, code, message, where, remedy }) => ({
      id,
      code,
      message,
      where,
      remedy,
    }));
  files.set('assets/errors.json', JSON.stringify(errors));
  return files;
}

/** The page. `modules` are those that the script imports, so that they are not found only when it has been loaded. */
const pageWith = (modules: readonly string[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="See a migration: its imports and drops, and what to do about errors.">
<title>Console · Supply Point Import</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="assets/style.css">
${modules.map((path) => `<link rel="modulepreload" href="${path}">\n`).join('')}<script src="assets/console.js" type="module"></script>
</head>
<body class="console">
<div id="app"><noscript><p>The console needs JavaScript. The <a href="../docs/">reference</a> and the command line do not.</p></noscript></div>
</body>
</html>
`;
