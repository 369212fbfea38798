// Bundles the command line as dist/supply-points.mjs, the `bin` of the package. npm runs it after `npm ci` and before packing.
import { fileURLToPath } from 'node:url';
import { bundleCli } from './bundle.ts';

await bundleCli(fileURLToPath(new URL('../dist/supply-points.mjs', import.meta.url)));
