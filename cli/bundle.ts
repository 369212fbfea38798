import { chmodSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { OPERATIONS } from '../shared/api/operations.ts';

/** The oldest major version of Node with JSON.rawJSON, which the contract needs to keep numbers as they are written. */
const NODE_MIN = 22;

/** The name that most codes have: `DOMESTIC_VACANT` is `Domestic Vacant`. */
const titled = (code: string): string =>
  code.replace(/_/g, ' ').replace(/[^ ]+/g, (word) => word[0] + word.slice(1).toLowerCase());

/**
 * Shortens the code lists: without their sources, and each as text (`DOMESTIC|RD=Road|…`) that is parsed when it is loaded. It saves a kilobyte of the
 * compressed bundle.
 */
const compactCodeLists: Plugin = {
  name: 'compact-code-lists',
  setup({ onLoad }) {
    onLoad({ filter: /\/code-lists\.json$/ }, ({ path }) => {
      const lists: Record<string, { codes: { code: string; name: string }[] }> = JSON.parse(
        readFileSync(path, 'utf8'),
      );
      const entries = Object.entries(lists).map(([list, { codes }]) => [
        list,
        codes.map(({ code, name }) => `${code}${name === titled(code) ? '' : `=${name}`}`).join('|'),
      ]);
      return {
        contents: `const lists = ${JSON.stringify(Object.fromEntries(entries))};
const titled = ${titled};
for (const list in lists) lists[list] = { codes: lists[list].split('|').map((text) => { const [code, name = titled(code)] = text.split('='); return { code, name }; }) };
export default lists;`,
        loader: 'js',
      };
    });
  },
};

const OPTIONS: BuildOptions = {
  plugins: [compactCodeLists],
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: `node${NODE_MIN}`,
  mainFields: ['module', 'main'],
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'warning',
};

const entry = (name: string): string[] => [fileURLToPath(new URL(name, import.meta.url))];

/** Bundles the command line into one file, which runs without this repository, and the commands of more-commands.ts into another beside it. */
export async function bundleCli(outfile: string): Promise<void> {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const tooOld = `supply-points needs Node ${NODE_MIN} or later. Nothing was done.`;
  const routes = Object.entries(OPERATIONS).map(([name, { method, path }]) => [name, [method, path]]);
  const define = { ROUTES: JSON.stringify(Object.fromEntries(routes)) };
  await build({
    ...OPTIONS,
    entryPoints: entry('./main.ts'),
    outfile,
    banner: {
      js: `#!/usr/bin/env node\nif (Number(process.versions.node.split('.')[0]) < ${NODE_MIN}) { console.error('${tooOld}'); process.exit(2); }`,
    },
    define: { ...define, VERSION: JSON.stringify(version) },
  });
  chmodSync(outfile, 0o755);
  await build({
    ...OPTIONS,
    entryPoints: entry('./more-commands.ts'),
    define,
    outfile: join(dirname(outfile), 'supply-points-more.mjs'),
  });
}
