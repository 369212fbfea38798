import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Acknowledges cdk-nag's findings for a construct and its children. `cdk synth` fails on a finding that is not acknowledged.
 *
 * @param reasons why each finding is accepted, by the rule's name, such as `AwsSolutions-S1`
 */
export function acknowledge(construct: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [rule, reason] of Object.entries(reasons)) {
    // The CDK prefixes a rule with its pack: `NIST.800.53.R5-LambdaDLQ` is in the pack NIST.800.53.R5.
    Validations.of(construct).acknowledge({ id: `${rule.slice(0, rule.indexOf('-'))}::${rule}`, reason });
  }
}
