import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { EnvironmentStack } from './cloud/environment-stack.ts';
import { checkedEnvironment, type Environment } from './environment.ts';
import { environmentNamed } from './environments.ts';

/** What the CLI turns on itself: by it the local host finds the constructs' names and the functions' code. */
const METADATA = { 'aws:cdk:enable-path-metadata': true, 'aws:cdk:enable-asset-metadata': true };

/**
 * The app of one environment, by its name or its row, for the CDK CLI, the local host and the tests alike: with the feature flags of cdk.json
 * whoever calls.
 *
 * @param options.isFirst leaves out what would keep a failed first deployment from being repeated (docs/operations.md, "The first deployment")
 * @throws EnvironmentError for an environment that there is not, or cannot be.
 */
export function buildApp(options: {
  environment: string | Environment;
  outdir?: string;
  isFirst?: boolean;
}): App {
  const { context } = JSON.parse(readFileSync(new URL('../cdk.json', import.meta.url), 'utf8'));
  const { environment: asked } = options;
  const environment = checkedEnvironment(typeof asked === 'string' ? environmentNamed(asked) : asked);
  const app = new App({
    context: { ...context, ...METADATA },
    ...(options.outdir === undefined ? {} : { outdir: options.outdir }),
  });
  new EnvironmentStack(app, environment, { isFirst: options.isFirst ?? false });
  return app;
}
