import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Stage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { buildSync, type Metafile } from 'esbuild';
import { writeSite } from '../../site/build.ts';

const FUNCTIONS_FOLDER = join(import.meta.dirname, '../../functions');

/** Returns the functions' names. Each file in `functions/` is a function. */
export function functionNames(): string[] {
  return readdirSync(FUNCTIONS_FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => entry.name.slice(0, -'.ts'.length));
}

/**
 * Bundles each function with the AWS SDK into its own folder below `outdir`, the `site` function with its pages, and returns esbuild's metadata. One esbuild run for all
 * functions takes three seconds of CPU time. CDK's NodejsFunction starts a process for each function.
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
    // Identifiers are not minified: stack traces in the log are readable without source maps.
    minifySyntax: true,
    minifyWhitespace: true,
    metafile: true,
    logLevel: 'warning',
  });
  writeSite(join(outdir, 'site', 'site'));
  return metafile;
}

/** The key of the CDK context with the folder of existing bundles. */
export const BUNDLES = 'function-bundles';

/** Bundles the functions into the cloud assembly, unless the context has a folder of bundles, and returns a look-up of a function's code by its name. */
export function bundledCode(scope: Construct): (name: string) => Code {
  const existing: string | undefined = scope.node.tryGetContext(BUNDLES);
  const folder = existing ?? join(Stage.of(scope)!.outdir, 'bundles');
  if (existing === undefined) bundleFunctions(folder);
  return (name) => Code.fromAsset(join(folder, name));
}
