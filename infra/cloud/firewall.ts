import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import type { Environment } from '../environment.ts';
import { acknowledge } from './findings.ts';
import { STATIC_HEADERS, THROTTLED } from './gateway-responses.ts';

/** Window of the rate-based rule, AWS WAF's default. */
const WINDOW_SECONDS = 300;

/**
 * Adds an AWS WAF rule that limits the requests of one IP address. WAF answers requests above the limit with the same 429 as API Gateway's
 * throttling (source: API Gateway, "Gateway response types": custom responses of WAF take precedence).
 */
export function addFirewall(
  api: RestApi,
  { requestsPerAddressMax }: NonNullable<Environment['firewall']>,
): void {
  const visibility = (metricName: string) => ({
    cloudWatchMetricsEnabled: true,
    metricName,
    // Samples would contain headers with tokens.
    sampledRequestsEnabled: false,
  });
  const acl = new CfnWebACL(api, 'firewall', {
    scope: 'REGIONAL',
    defaultAction: { allow: {} },
    visibilityConfig: visibility('requests'),
    customResponseBodies: { throttled: { contentType: 'APPLICATION_JSON', content: THROTTLED } },
    rules: [
      {
        name: 'requests-per-address',
        priority: 0,
        statement: {
          rateBasedStatement: {
            aggregateKeyType: 'IP',
            limit: requestsPerAddressMax,
            evaluationWindowSec: WINDOW_SECONDS,
          },
        },
        action: {
          block: {
            customResponse: {
              responseCode: 429,
              customResponseBodyKey: 'throttled',
              responseHeaders: Object.entries(STATIC_HEADERS).map(([name, value]) => ({ name, value })),
            },
          },
        },
        visibilityConfig: visibility('requests-per-address'),
      },
    ],
  });
  acknowledge(acl, {
    'NIST.800.53.R5-WAFv2LoggingEnabled':
      'Its log would hold every header, tokens among them; its metrics count what it blocked, and the access log has the rest.',
  });
  new CfnWebACLAssociation(api, 'firewall-association', {
    resourceArn: api.deploymentStage.stageArn,
    webAclArn: acl.attrArn,
  });
}
