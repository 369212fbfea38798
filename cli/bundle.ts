import { chmodSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

/** The oldest major version of Node with JSON.rawJSON, which the contract needs to keep numbers as they are written. */
const NODE_MIN = 22;

/** Bundles the command line into one file, which runs without this repository. */
export function bundleCli(outfile: string): void {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const tooOld = `supply-points needs Node ${NODE_MIN} or later. Nothing was done.`;
  buildSync({
    entryPoints: [fileURLToPath(new URL('./main.ts', import.meta.url))],
    outfile,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: `node${NODE_MIN}`,
    mainFields: ['module', 'main'],
    banner: {
      js: `#!/usr/bin/env node\nif (Number(process.versions.node.split('.')[0]) < ${NODE_MIN}) { console.error('${tooOld}'); process.exit(2); }`,
    },
    define: { VERSION: JSON.stringify(version) },
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'warning',
  });
  chmodSync(outfile, 0o755);
}
