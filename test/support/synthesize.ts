import { join } from 'node:path';
import { inject } from 'vitest';
import type { Environment } from '../../infra/environment.ts';
import { buildApp } from '../../infra/synthesize.ts';

/** The CDK app of an environment with the bundles of the tests' assembly: functions are the same in every environment. */
export const appOf = (environment: Environment, options: { outdir: string; isFirst?: boolean }) =>
  buildApp({ environment, bundles: join(inject('assembly'), 'bundles'), ...options });
