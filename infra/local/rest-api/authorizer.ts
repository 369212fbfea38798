import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import type { HostedFunction } from '../functions.ts';
import type { Resource } from '../resource.ts';

/** An authorizer's decision: the caller and the context for the function, or the type of the gateway response. */
export type Authorization =
  | { allowed: true; principalId: string; context: Record<string, unknown> }
  | {
      allowed: false;
      because: 'UNAUTHORIZED' | 'ACCESS_DENIED' | 'AUTHORIZER_FAILURE' | 'AUTHORIZER_CONFIGURATION_ERROR';
    };

type Properties = {
  Type: string;
  AuthorizerResultTtlInSeconds?: number;
  IdentityValidationExpression?: string;
};

/** The most tokens in the cache. */
const CACHED_MAX = 10_000;

/** A TOKEN authorizer. Caches its function's response by token, and evaluates the response's policy for each method. */
export function tokenAuthorizer(authorizer: Resource, target: HostedFunction) {
  const {
    Type,
    AuthorizerResultTtlInSeconds = 300,
    IdentityValidationExpression,
  } = authorizer.properties() as Properties;
  if (Type !== 'TOKEN') throw new Error(`The local host supports TOKEN authorizers only, not ${Type}.`);
  const valid = new RegExp(IdentityValidationExpression ?? '');
  const cache = new Map<string, { response: APIGatewayAuthorizerResult; expiresAt: number }>();

  const invoke = async (
    token: string,
    methodArn: string,
  ): Promise<APIGatewayAuthorizerResult | Authorization> => {
    const cached = cache.get(token);
    if (cached !== undefined && Date.now() < cached.expiresAt) return cached.response;
    const outcome = await target.invoke({ type: 'TOKEN', authorizationToken: token, methodArn });
    if ('error' in outcome) {
      const because = outcome.error.errorMessage === 'Unauthorized' ? 'UNAUTHORIZED' : 'AUTHORIZER_FAILURE';
      return { allowed: false, because };
    }
    const response = outcome.result as APIGatewayAuthorizerResult;
    if (response?.policyDocument?.Statement === undefined) {
      return { allowed: false, because: 'AUTHORIZER_CONFIGURATION_ERROR' };
    }
    if (cache.size >= CACHED_MAX) cache.clear();
    cache.set(token, { response, expiresAt: Date.now() + AuthorizerResultTtlInSeconds * 1000 });
    return response;
  };

  return async (token: string | undefined, methodArn: string): Promise<Authorization> => {
    if (token === undefined || !valid.test(token)) return { allowed: false, because: 'UNAUTHORIZED' };
    const response = await invoke(token, methodArn);
    if ('allowed' in response) return response;
    if (!allows(response, methodArn)) return { allowed: false, because: 'ACCESS_DENIED' };
    return { allowed: true, principalId: response.principalId, context: response.context ?? {} };
  };
}

/** Whether a policy allows a method: a statement allows it, and no statement denies it. */
function allows({ policyDocument }: APIGatewayAuthorizerResult, methodArn: string): boolean {
  const effects = policyDocument.Statement.filter((statement) => {
    const { Resource: resources = [] } = statement as { Resource?: string | string[] };
    return [resources].flat().some((pattern) => wildcard(pattern).test(methodArn));
  }).map(({ Effect }) => Effect);
  return effects.includes('Allow') && !effects.includes('Deny');
}

const wildcard = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
