import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Stage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { buildSync, type Metafile } from 'esbuild';

const FUNCTIONS_FOLDER = join(import.meta.dirname, '../../functions');

/** The functions that there are: each file in `functions/` is one. */
export function functionNames(): string[] {
  return readdirSync(FUNCTIONS_FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => entry.name.slice(0, -'.ts'.length));
}

/**
 * Bundles all functions into folders of their own, with the SDK that they use. One esbuild run for all takes a fraction of
 * a second, where CDK's NodejsFunction starts one process after another for each.
 */
export function bundleFunctions(outdir: string): Metafile {
  const { metafile } = buildSync({
    entryPoints: functionNames().map((name) => ({
      in: join(FUNCTIONS_FOLDER, `${name}.ts`),
      out: `${name}/index`,
    })),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // esbuild's default for Node prefers CommonJS, which fails in ESM with "Dynamic require of node:https".
    mainFields: ['module', 'main'],
    // Names stay as they are written, so that stack traces in the log can be read without source maps.
    minifySyntax: true,
    minifyWhitespace: true,
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

/** The functions' code as assets of a synthesis. */
export function bundledCode(scope: Construct): (name: string) => Code {
  const folder = join(Stage.of(scope)!.outdir, 'bundles');
  bundleFunctions(folder);
  return (name) => Code.fromAsset(join(folder, name));
}
