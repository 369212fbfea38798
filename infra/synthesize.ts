import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { BUNDLES } from './cloud/bundles.ts';
import { EnvironmentStack } from './cloud/environment-stack.ts';
import { checkedEnvironment, type Environment } from './environment.ts';
import { environmentNamed } from './environments.ts';

/** Metadata that the CDK CLI turns on by default. The local host reads the constructs' ids and the functions' assets from it. */
const METADATA = { 'aws:cdk:enable-path-metadata': true, 'aws:cdk:enable-asset-metadata': true };

/**
 * Builds the CDK app of one environment for the CDK CLI, the local host and the tests. The feature flags are always those of cdk.json.
 *
 * @param options.environment the environment's name or its row
 * @param options.outdir the folder of the cloud assembly; a temporary one by default
 * @param options.bundles the folder of functions' bundles to use; by default the functions are bundled, which takes most of a synthesis
 * @param options.isFirst leaves out deletion protection, so that a failed first deployment can be repeated (docs/operations.md, "The first deployment")
 * @throws EnvironmentError for an environment that does not exist or has invalid settings
 */
export function buildApp(options: {
  environment: string | Environment;
  outdir?: string;
  bundles?: string;
  isFirst?: boolean;
}): App {
  const { context } = JSON.parse(readFileSync(new URL('../cdk.json', import.meta.url), 'utf8'));
  const { environment: nameOrRow } = options;
  const environment = checkedEnvironment(
    typeof nameOrRow === 'string' ? environmentNamed(nameOrRow) : nameOrRow,
  );
  const app = new App({
    context: { ...context, ...METADATA, ...(options.bundles && { [BUNDLES]: options.bundles }) },
    ...(options.outdir === undefined ? {} : { outdir: options.outdir }),
  });
  new EnvironmentStack(app, environment, { isFirst: options.isFirst ?? false });
  return app;
}
