import type { IncomingMessage } from 'node:http';
import { EVENT_TOO_LARGE, type HostedFunction } from '../functions.ts';
import { ACCOUNT, REGION, type Resource } from '../resource.ts';
import { tokenAuthorizer } from './authorizer.ts';
import { type GatewayResponse, type GatewayResponseType, gatewayResponses } from './gateway-responses.ts';
import { type ProxyResponse, proxyEvent, proxyResponse } from './proxy.ts';
import { type Match, matchRoute, routeTree } from './routes.ts';
import { slashRedirect } from './slash-redirect.ts';
import { stageThrottle } from './throttle.ts';

/** The longest duration of an integration (source: API Gateway quotas, "Integration timeout": 29 seconds). */
const INTEGRATION_TIMEOUT_MS = 29_000;

type MethodProperties = {
  AuthorizationType?: string;
  AuthorizerId?: string;
  Integration: { Type: string; Uri: string };
};
type Rejected = { rejected: GatewayResponseType };
type Target = { path: string; query: URLSearchParams };

/** The template's REST API, as API Gateway serves it. */
export type Gateway = {
  /** `body` is undefined if it exceeds API Gateway's limit. */
  respond(
    request: IncomingMessage,
    body: Buffer | undefined,
    requestId: string,
  ): Promise<ProxyResponse | GatewayResponse>;
  /** The response to malformed HTTP. */
  badRequest(requestId: string): GatewayResponse;
};

/** Optional differences from API Gateway. */
export type GatewayOptions = {
  /** Redirects paths without the trailing slash, as Django does. */
  strictSlashes?: boolean;
};

/** Reads an API's routes, authorizers and gateway responses from the template. */
export function restApiGateway(
  resources: readonly Resource[],
  functionOfUri: (uri: string) => HostedFunction,
  { strictSlashes = false }: GatewayOptions = {},
): Gateway {
  const of = (type: string): Resource[] =>
    resources.filter((resource) => resource.type === `AWS::ApiGateway::${type}`);
  const [api] = of('RestApi');
  const apiId = api!.logicalId;
  const [stageResource] = of('Stage');
  const stage = String(stageResource!.properties()['StageName']);
  const isWithinLimit = stageThrottle(stageResource!);
  const isBinary = ((api!.properties()['BinaryMediaTypes'] ?? []) as string[]).includes('*/*');
  const root = routeTree(`${apiId}/`, of('Resource'), of('Method'));
  const gatewayResponse = gatewayResponses(of('GatewayResponse'));
  const methods = methodsOf(of('Method'), of('Authorizer'), functionOfUri);

  const serve = async (
    request: IncomingMessage,
    body: Buffer,
    requestId: string,
  ): Promise<ProxyResponse | Rejected> => {
    const { path, query } = requestTarget(request.url!);
    const match = matchRoute(root, path);
    if (match === null) return { rejected: 'BAD_REQUEST_PARAMETERS' };
    const redirect = strictSlashes ? slashRedirect(request.url!, path, match, requestId) : undefined;
    if (redirect !== undefined) return redirect;
    const method = match && (match.node.methods.get(request.method!) ?? match.node.methods.get('ANY'));
    if (method === undefined) return { rejected: 'MISSING_AUTHENTICATION_TOKEN' };
    // Before the authorizer: throttled requests cause no invocation.
    if (!isWithinLimit(match!.node.path, String(method.properties()['HttpMethod']))) {
      return { rejected: 'THROTTLED' };
    }
    const { target, authorize } = methods.get(method)!;

    const arn = `arn:aws:execute-api:${REGION}:${ACCOUNT}:${apiId}/${stage}/${request.method}${path}`;
    const authorization = authorize && (await authorize(request.headers.authorization, arn));
    if (authorization?.allowed === false) return { rejected: authorization.because };
    const authorizer = authorization && { principalId: authorization.principalId, ...authorization.context };
    const context = { apiId, stage, requestId, authorizer, isBinary };
    return integrate(target, proxyEvent(request, body, { path, query, match: match as Match }, context));
  };

  return {
    async respond(request, body, requestId) {
      const served = body === undefined ? REQUEST_TOO_LARGE : await serve(request, body, requestId);
      return 'rejected' in served ? gatewayResponse(served.rejected, requestId) : served;
    },
    badRequest: (requestId) => gatewayResponse('BAD_REQUEST_PARAMETERS', requestId),
  };
}

const REQUEST_TOO_LARGE: Rejected = { rejected: 'REQUEST_TOO_LARGE' };

/** Each method's function and authorizer, resolved once for all requests. */
function methodsOf(
  methods: readonly Resource[],
  authorizers: readonly Resource[],
  functionOfUri: (uri: string) => HostedFunction,
) {
  const authorizersById = new Map(
    authorizers.map((authorizer) => [
      authorizer.logicalId,
      tokenAuthorizer(authorizer, functionOfUri(String(authorizer.properties()['AuthorizerUri']))),
    ]),
  );
  return new Map(
    methods.map((method) => {
      const { Integration, AuthorizerId } = method.properties() as MethodProperties;
      const authorize = authorizersById.get(AuthorizerId ?? '');
      return [method, { target: functionOfUri(Integration.Uri), authorize }];
    }),
  );
}

/** Invokes a function as a Lambda proxy integration. */
async function integrate(target: HostedFunction, event: object): Promise<ProxyResponse | Rejected> {
  const outcome = await within(INTEGRATION_TIMEOUT_MS, target.invoke(event));
  if (outcome === undefined) return { rejected: 'INTEGRATION_TIMEOUT' };
  if ('error' in outcome && outcome.error.errorType === EVENT_TOO_LARGE) return REQUEST_TOO_LARGE;
  return proxyResponse(outcome) ?? { rejected: 'DEFAULT_5XX' };
}

/** The undecoded path and the query of a request target, which may be an absolute URL. */
function requestTarget(url: string): Target {
  const [before, ...query] = url.split('?');
  const path = before!.replace(/^https?:\/\/[^/]*/i, '');
  return { path: path.startsWith('/') ? path : `/${path}`, query: new URLSearchParams(query.join('?')) };
}

/** A promise's result; undefined if it takes longer. */
async function within<T>(timeoutMs: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((done) => {
    timer = setTimeout(done, timeoutMs, undefined);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
