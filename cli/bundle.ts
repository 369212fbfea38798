import { chmodSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync } from 'esbuild';
import { OPERATIONS } from '../shared/api/operations.ts';
import { MORE_COMMANDS } from './more-commands.ts';

/** The oldest major version of Node with JSON.rawJSON, which the contract needs to keep numbers as they are written. */
const NODE_MIN = 22;

const OPTIONS: BuildOptions = {
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
export function bundleCli(outfile: string): void {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const tooOld = `supply-points needs Node ${NODE_MIN} or later. Nothing was done.`;
  const summaries = MORE_COMMANDS.map(({ name, summary }) => ({ name, summary }));
  const routes = Object.entries(OPERATIONS).map(([name, { method, path }]) => [name, [method, path]]);
  const define = { ROUTES: JSON.stringify(Object.fromEntries(routes)) };
  buildSync({
    ...OPTIONS,
    entryPoints: entry('./main.ts'),
    outfile,
    banner: {
      js: `#!/usr/bin/env node\nif (Number(process.versions.node.split('.')[0]) < ${NODE_MIN}) { console.error('${tooOld}'); process.exit(2); }`,
    },
    define: { ...define, VERSION: JSON.stringify(version), MORE_SUMMARIES: JSON.stringify(summaries) },
  });
  chmodSync(outfile, 0o755);
  buildSync({
    ...OPTIONS,
    entryPoints: entry('./more-commands.ts'),
    define,
    outfile: join(dirname(outfile), 'supply-points-more.mjs'),
  });
}
