// What the CDK CLI runs: `npx cdk deploy -c env=staging`. The CLI hands its -c options over in CDK_CONTEXT_JSON.
import { withChecks } from './cloud/checks.ts';
import { buildApp } from './synthesize.ts';

const { env = 'dev' } = JSON.parse(process.env['CDK_CONTEXT_JSON'] ?? '{}') as { env?: string };
withChecks(buildApp({ environment: env })).synth();
