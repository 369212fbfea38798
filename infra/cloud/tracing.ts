import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { CfnSamplingRule } from 'aws-cdk-lib/aws-xray';
import type { Environment } from '../environment.ts';

/** Share of the requests that are traced beyond one in each second. */
const FIXED_RATE = 0.01;
/** Before X-Ray's default rule, which is the last at 10,000. */
const PRIORITY = 9000;

/**
 * Traces one request a second and one in a hundred of the others. X-Ray's default rule takes one in twenty. What a request leads to follows its
 * decision (source: X-Ray, "Configuring sampling rules").
 */
export function addSampling(api: RestApi, { name }: Environment): void {
  new CfnSamplingRule(api, 'sampling', {
    samplingRule: {
      // At most 32 characters.
      ruleName: `imports-${name}`,
      version: 1,
      priority: PRIORITY,
      reservoirSize: 1,
      fixedRate: FIXED_RATE,
      // The API's name and its stage (source: API Gateway, "Configure X-Ray sampling rules for API Gateway APIs").
      serviceName: `supply-point-import-${name}/${name}`,
      serviceType: 'AWS::ApiGateway::Stage',
      host: '*',
      httpMethod: '*',
      urlPath: '*',
      resourceArn: '*',
    },
  });
}
