// The CDK CLI's entry point: `npx cdk deploy -c env=staging`. The CLI passes its -c options in CDK_CONTEXT_JSON and the account of its
// credentials in CDK_DEFAULT_ACCOUNT.
import { withChecks } from './cloud/checks.ts';
import { assertAccount, EnvironmentError } from './environment.ts';
import { environmentNamed } from './environments.ts';
import { buildApp } from './synthesize.ts';

const { env = 'dev', first } = JSON.parse(process.env['CDK_CONTEXT_JSON'] ?? '{}') as {
  env?: string;
  first?: string;
};
try {
  const environment = environmentNamed(env);
  assertAccount(environment, process.env['CDK_DEFAULT_ACCOUNT']);
  withChecks(buildApp({ environment, isFirst: first === 'true' })).synth();
} catch (error) {
  // A wrong name, row or account is the caller's error: one line without a stack trace.
  if (!(error instanceof EnvironmentError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
