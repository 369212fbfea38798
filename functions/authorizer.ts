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

/** Authenticates the caller by the token. API Gateway responds with 401 to a Deny, and passes the context to the functions. */
export const handler = middy<APIGatewayTokenAuthorizerEvent, APIGatewayAuthorizerResult, Error, Context>()
  .use({ before: ({ context }) => log.addContext(context) })
  .handler(async ({ authorizationToken, methodArn }) =>
    policy(methodArn, await callerOf(authorizationToken, Date.now())),
  );

/**
 * Allows or denies the whole stage. API Gateway caches the policy by token, so it must hold for every route. The endpoints check
 * the role's permissions.
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

/**
 * The context that functions/edge/request.ts reads. Its values must be strings, numbers or booleans (source: API Gateway, "Output
 * from a Lambda authorizer").
 */
function contextOf({ role, suppliers, hasEverySupplier, token, expiresAt }: Caller): Record<string, string> {
  return {
    role,
    suppliers: JSON.stringify(suppliers),
    ...(hasEverySupplier && { has_every_supplier: 'true' }),
    ...(token && { token: JSON.stringify(token) }),
    ...(expiresAt !== undefined && { expires_at: String(expiresAt) }),
  };
}
