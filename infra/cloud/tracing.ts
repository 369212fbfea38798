import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { CfnSamplingRule } from 'aws-cdk-lib/aws-xray';
import type { Environment } from '../environment.ts';

/** Fraction of requests that are traced in addition to one per second. */
const FIXED_RATE = 0.01;
/** Before X-Ray's default rule, which has the last priority, 10,000. */
const PRIORITY = 9000;

/**
 * Traces one request per second and 1 % of the others. X-Ray's default rule samples 5 %. Downstream calls inherit the request's sampling
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
