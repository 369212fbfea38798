import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Says of a construct, with those in it, why findings of cdk-nag do not count: reasons by the rules' names, such as `AwsSolutions-S1`.
 * A finding that nobody acknowledged ends `cdk synth`.
 */
export function acknowledge(construct: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [rule, reason] of Object.entries(reasons)) {
    // The CDK knows a rule by its pack: `NIST.800.53.R5-LambdaDLQ` is of NIST.800.53.R5.
    Validations.of(construct).acknowledge({ id: `${rule.slice(0, rule.indexOf('-'))}::${rule}`, reason });
  }
}
