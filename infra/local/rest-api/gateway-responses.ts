import type { Resource } from '../resource.ts';

export type GatewayResponse = { status: number; headers: Record<string, string>; body: string };

type Properties = {
  ResponseType: string;
  StatusCode?: string;
  ResponseParameters?: Record<string, string>;
  ResponseTemplates?: Record<string, string>;
};

/** API Gateway's default responses: status and message (source: API Gateway, "Gateway response types"). */
const DEFAULTS = {
  ACCESS_DENIED: { status: 403, message: 'User is not authorized to access this resource' },
  AUTHORIZER_CONFIGURATION_ERROR: { status: 500, message: 'Internal server error' },
  AUTHORIZER_FAILURE: { status: 500, message: 'Internal server error' },
  BAD_REQUEST_PARAMETERS: { status: 400, message: 'Bad Request' },
  INTEGRATION_FAILURE: { status: 504, message: 'Internal server error' },
  INTEGRATION_TIMEOUT: { status: 504, message: 'Endpoint request timed out' },
  MISSING_AUTHENTICATION_TOKEN: { status: 403, message: 'Missing Authentication Token' },
  REQUEST_TOO_LARGE: { status: 413, message: 'Request Too Long' },
  THROTTLED: { status: 429, message: 'Too Many Requests' },
  UNAUTHORIZED: { status: 401, message: 'Unauthorized' },
  // For a function that fails, returns an invalid response or is throttled by Lambda. API Gateway has no type for these.
  DEFAULT_5XX: { status: 502, message: 'Internal server error' },
} as const satisfies Record<string, { status: number; message: string }>;

/** API Gateway's response types. */
export type GatewayResponseType = keyof typeof DEFAULTS;

/** The responses that API Gateway itself makes: the template's gateway responses, with API Gateway's defaults. */
export function gatewayResponses(responses: readonly Resource[]) {
  const configured = new Map<string, Properties>();
  for (const response of responses) {
    const properties = response.properties() as Properties;
    configured.set(properties.ResponseType, properties);
  }
  return (type: GatewayResponseType, requestId: string): GatewayResponse => {
    const { status, message } = DEFAULTS[type];
    const fallback = status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX';
    const {
      StatusCode,
      ResponseParameters = {},
      ResponseTemplates,
    } = configured.get(type) ?? configured.get(fallback) ?? {};
    const template = ResponseTemplates?.['application/json'] ?? '{"message":$context.error.messageString}';
    const values: Record<string, string> = {
      'error.messageString': JSON.stringify(message),
      'error.message': message,
      'error.responseType': type,
      requestId,
    };
    return {
      status: StatusCode === undefined ? status : Number(StatusCode),
      headers: {
        'content-type': 'application/json',
        'x-amzn-errortype': type,
        ...mappedHeaders(ResponseParameters, values),
      },
      body: template.replace(/\$context\.([\w.]+)/g, (_, name: string) => values[name] ?? ''),
    };
  };
}

/**
 * Maps `gatewayresponse.header.WWW-Authenticate: "'Token'"` to the header. Values are static, in quotes, or context variables
 * (source: API Gateway, "Parameter mapping source reference"). Values from the request are not supported.
 */
function mappedHeaders(
  parameters: Record<string, string>,
  context: Record<string, string>,
): Record<string, string> {
  const prefix = 'gatewayresponse.header.';
  return Object.fromEntries(
    Object.entries(parameters).map(([name, mapping]) => {
      const value = /^'(.*)'$/.exec(mapping)?.[1] ?? context[mapping.replace(/^context\./, '')];
      if (!name.startsWith(prefix) || value === undefined) {
        throw new Error(
          `The local host does not support the gateway response parameter ${name}: ${mapping}.`,
        );
      }
      return [name.slice(prefix.length), value];
    }),
  );
}
