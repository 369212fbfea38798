import middy from '@middy/core';
import type { APIGatewayAuthorizerResult, APIGatewayTokenAuthorizerEvent, Context } from 'aws-lambda';
import { dynamoDB } from '../shared/aws/clients.ts';
import { authenticate, type Caller } from '../shared/suppliers/authenticate.ts';
import { registry } from '../shared/suppliers/registry.ts';
import { describeError, log } from './edge/log.ts';
import { setting } from './edge/settings.ts';

const callerOf = authenticate(registry(dynamoDB(), setting('REGISTRY_TABLE')), (error) =>
  log.warn('use of a token not recorded', { error: describeError(error) }),
);

/** Finds out who calls. API Gateway answers 401 itself where it says deny, and hands the context to the functions. */
export const handler = middy<APIGatewayTokenAuthorizerEvent, APIGatewayAuthorizerResult, Error, Context>()
  .use({ before: ({ context }) => log.addContext(context) })
  .handler(async ({ authorizationToken, methodArn }) =>
    policy(methodArn, await callerOf(authorizationToken, Date.now())),
  );

/**
 * The answer is cached by token, so it must hold for every route: the whole stage is allowed or denied, and what a role
 * may do is the endpoints' to decide.
 */
function policy(methodArn: string, caller: Caller | undefined): APIGatewayAuthorizerResult {
  const [api, stage] = methodArn.split('/');
  const statement = {
    Action: 'execute-api:Invoke',
    Effect: caller === undefined ? ('Deny' as const) : ('Allow' as const),
    Resource: `${api}/${stage}/*`,
  };
  return {
    principalId: caller?.role ?? 'nobody',
    policyDocument: { Version: '2012-10-17', Statement: [statement] },
    ...(caller && { context: contextOf(caller) }),
  };
}

/** What functions/edge/request.ts reads. A context has no objects (source: API Gateway, "Output from a Lambda authorizer"). */
function contextOf({ role, suppliers, token, expiresAt }: Caller): Record<string, string> {
  return {
    role,
    suppliers: JSON.stringify(suppliers),
    ...(token && { token: JSON.stringify(token) }),
    ...(expiresAt !== undefined && { expires_at: String(expiresAt) }),
  };
}
