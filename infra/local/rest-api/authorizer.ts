import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import type { HostedFunction } from '../functions.ts';
import type { Resource } from '../resource.ts';

/** What an authorizer finds: who may go on and with what context, or the gateway response that says why not. */
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

/** How many tokens' answers are remembered at most. */
const CACHED_MAX = 10_000;

/** A TOKEN authorizer: its function's answer is remembered by token, and its policy looked at for each method. */
export function tokenAuthorizer(authorizer: Resource, target: HostedFunction) {
  const {
    Type,
    AuthorizerResultTtlInSeconds = 300,
    IdentityValidationExpression,
  } = authorizer.properties() as Properties;
  if (Type !== 'TOKEN') throw new Error(`The local host knows TOKEN authorizers only, not ${Type}.`);
  const valid = new RegExp(IdentityValidationExpression ?? '');
  const cache = new Map<string, { answer: APIGatewayAuthorizerResult; until: number }>();

  const ask = async (
    token: string,
    methodArn: string,
  ): Promise<APIGatewayAuthorizerResult | Authorization> => {
    const known = cache.get(token);
    if (known !== undefined && Date.now() < known.until) return known.answer;
    const outcome = await target.invoke({ type: 'TOKEN', authorizationToken: token, methodArn });
    if ('error' in outcome) {
      const because = outcome.error.errorMessage === 'Unauthorized' ? 'UNAUTHORIZED' : 'AUTHORIZER_FAILURE';
      return { allowed: false, because };
    }
    const answer = outcome.result as APIGatewayAuthorizerResult;
    if (answer?.policyDocument?.Statement === undefined) {
      return { allowed: false, because: 'AUTHORIZER_CONFIGURATION_ERROR' };
    }
    if (cache.size >= CACHED_MAX) cache.clear();
    cache.set(token, { answer, until: Date.now() + AuthorizerResultTtlInSeconds * 1000 });
    return answer;
  };

  return async (token: string | undefined, methodArn: string): Promise<Authorization> => {
    if (token === undefined || !valid.test(token)) return { allowed: false, because: 'UNAUTHORIZED' };
    const answer = await ask(token, methodArn);
    if ('allowed' in answer) return answer;
    if (!allows(answer, methodArn)) return { allowed: false, because: 'ACCESS_DENIED' };
    return { allowed: true, principalId: answer.principalId, context: answer.context ?? {} };
  };
}

/** Whether a policy allows a method: some statement allows it, and none denies it. */
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
