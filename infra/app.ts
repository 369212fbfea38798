// What the CDK CLI runs: `npx cdk deploy -c env=staging`. The CLI hands its -c options over in CDK_CONTEXT_JSON.
import { withChecks } from './cloud/checks.ts';
import { EnvironmentError } from './environments.ts';
import { buildApp } from './synthesize.ts';

const { env = 'dev' } = JSON.parse(process.env['CDK_CONTEXT_JSON'] ?? '{}') as { env?: string };
try {
  withChecks(buildApp({ environment: env })).synth();
} catch (error) {
  // A wrong name or a wrong row is for whoever deploys: one line, and no stack.
  if (!(error instanceof EnvironmentError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
