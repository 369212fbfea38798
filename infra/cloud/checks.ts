import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, NIST80053R5Checks } from 'cdk-nag';

/**
 * Adds cdk-nag's checks to an app, besides the CDK's own rules. Synthesis fails on a finding that is not acknowledged.
 * The CDK CLI and the tests use it. The local host does not, because it starts faster without the checks.
 */
export function withChecks(app: App): App {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new NIST80053R5Checks(app));
  return app;
}
