import { LambdaIntegration, type MethodOptions, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { functionOf, OPERATIONS, type OperationName } from '../../shared/api/operations.ts';
import { acknowledge } from './findings.ts';
import type { ServiceFunction } from './service-function.ts';

const OPEN_BECAUSE = 'Its response is the same for everybody, and it reads nothing.';

type Functions = Readonly<Record<string, ServiceFunction>>;

/**
 * Adds every operation's route, and the fallback function for the other methods of their paths, which returns 405 to authorized callers, as
 * upstream. An unknown path has no method: API Gateway returns 404 (gateway-responses.ts) without invoking a function.
 */
export function addRoutes(
  api: RestApi,
  functions: Functions,
  fallback: ServiceFunction,
  authorized: MethodOptions,
): void {
  const fallbackTarget = integration(fallback);
  for (const [name, { method, path, access }] of Object.entries(OPERATIONS)) {
    const resource = api.root.resourceForPath(path);
    const target = integration(functions[functionOf(name as OperationName)]!);
    const add = (httpMethod: string, to: LambdaIntegration) => {
      const added = resource.addMethod(httpMethod, to, access === 'open' ? undefined : authorized);
      if (access === 'open') acknowledge(added, { 'AwsSolutions-APIG4': OPEN_BECAUSE });
    };
    add(method, target);
    // Django handles HEAD wherever it handles GET. API Gateway does not map HEAD to GET.
    if (method === 'GET') add('HEAD', target);
    if (resource.node.tryFindChild('ANY') === undefined) add('ANY', fallbackTarget);
  }
}

/** With one permission per function instead of one per method, because a function's policy is limited to 20 KB. */
function integration(handler: ServiceFunction): LambdaIntegration {
  return new LambdaIntegration(handler.live, { scopePermissionToMethod: false });
}
