import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, NIST80053R5Checks } from 'cdk-nag';

/**
 * Has an app checked by cdk-nag when it is synthesized, beside the CDK's own rules: a finding that nobody acknowledged ends it.
 * For the CDK CLI and the tests; the local host starts faster without.
 */
export function withChecks(app: App): App {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new NIST80053R5Checks(app));
  return app;
}
