import type { IncomingMessage } from 'node:http';
import { EVENT_TOO_LARGE, type HostedFunction } from '../functions.ts';
import { ACCOUNT, REGION, type Resource } from '../resource.ts';
import { tokenAuthorizer } from './authorizer.ts';
import { type GatewayResponse, type GatewayResponseType, gatewayResponses } from './gateway-responses.ts';
import { type ProxyAnswer, proxyAnswer, proxyEvent } from './proxy.ts';
import { type Match, matchRoute, routeTree } from './routes.ts';
import { slashRedirect } from './slash-redirect.ts';
import { stageThrottle } from './throttle.ts';

/** Longest that an integration may take (source: API Gateway quotas, "Integration timeout": 29 seconds). */
const INTEGRATION_TIMEOUT_MS = 29_000;

type MethodProperties = {
  AuthorizationType?: string;
  AuthorizerId?: string;
  Integration: { Type: string; Uri: string };
};
type Refused = { refused: GatewayResponseType };
type Target = { path: string; query: URLSearchParams };

/** The template's REST API, as API Gateway answers. */
export type Gateway = {
  /** `body` is undefined where it was larger than API Gateway takes. */
  answer(
    request: IncomingMessage,
    body: Buffer | undefined,
    requestId: string,
  ): Promise<ProxyAnswer | GatewayResponse>;
  /** Its answer to what is no request. */
  notUnderstood(requestId: string): GatewayResponse;
};

/** How a local host differs from API Gateway where it is asked to. */
export type GatewayOptions = {
  /** Redirects paths without the last slash, as Django does. */
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
  const isLetThrough = stageThrottle(stageResource!);
  const isBinary = ((api!.properties()['BinaryMediaTypes'] ?? []) as string[]).includes('*/*');
  const root = routeTree(`${apiId}/`, of('Resource'), of('Method'));
  const gatewayResponse = gatewayResponses(of('GatewayResponse'));
  const methods = methodsOf(of('Method'), of('Authorizer'), functionOfUri);

  const serve = async (
    request: IncomingMessage,
    body: Buffer,
    requestId: string,
  ): Promise<ProxyAnswer | Refused> => {
    const { path, query } = requestTarget(request.url!);
    const match = matchRoute(root, path);
    if (match === null) return { refused: 'BAD_REQUEST_PARAMETERS' };
    const redirect = strictSlashes ? slashRedirect(request.url!, path, match, requestId) : undefined;
    if (redirect !== undefined) return redirect;
    const method = match && (match.node.methods.get(request.method!) ?? match.node.methods.get('ANY'));
    if (method === undefined) return { refused: 'MISSING_AUTHENTICATION_TOKEN' };
    // Before the authorizer: what is throttled costs no invocation.
    if (!isLetThrough(match!.node.path, String(method.properties()['HttpMethod']))) {
      return { refused: 'THROTTLED' };
    }
    const { target, authorize } = methods.get(method)!;

    const arn = `arn:aws:execute-api:${REGION}:${ACCOUNT}:${apiId}/${stage}/${request.method}${path}`;
    const authorization = authorize && (await authorize(request.headers.authorization, arn));
    if (authorization?.allowed === false) return { refused: authorization.because };
    const authorizer = authorization && { principalId: authorization.principalId, ...authorization.context };
    const context = { apiId, stage, requestId, authorizer, isBinary };
    return integrate(target, proxyEvent(request, body, { path, query, match: match as Match }, context));
  };

  return {
    async answer(request, body, requestId) {
      const said = body === undefined ? REQUEST_TOO_LARGE : await serve(request, body, requestId);
      return 'refused' in said ? gatewayResponse(said.refused, requestId) : said;
    },
    notUnderstood: (requestId) => gatewayResponse('BAD_REQUEST_PARAMETERS', requestId),
  };
}

const REQUEST_TOO_LARGE: Refused = { refused: 'REQUEST_TOO_LARGE' };

/** What each method leads to, resolved once: every request needs it. */
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

/** Has a function answer, as a Lambda proxy integration does. */
async function integrate(target: HostedFunction, event: object): Promise<ProxyAnswer | Refused> {
  const outcome = await within(INTEGRATION_TIMEOUT_MS, target.invoke(event));
  if (outcome === undefined) return { refused: 'INTEGRATION_TIMEOUT' };
  if ('error' in outcome && outcome.error.errorType === EVENT_TOO_LARGE) return REQUEST_TOO_LARGE;
  return proxyAnswer(outcome) ?? { refused: 'DEFAULT_5XX' };
}

/** The path as it was sent, be it alone or behind a scheme and host, and the query. */
function requestTarget(url: string): Target {
  const [before, ...query] = url.split('?');
  const path = before!.replace(/^https?:\/\/[^/]*/i, '');
  return { path: path.startsWith('/') ? path : `/${path}`, query: new URLSearchParams(query.join('?')) };
}

/** What a promise comes to within a time; undefined after it. */
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
