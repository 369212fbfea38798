import type { IncomingHttpHeaders } from 'node:http';
import { REGION, type Resource, UnsupportedTemplate } from '../resource.ts';

type Rule = {
  AllowedHeaders?: string[];
  AllowedMethods: string[];
  AllowedOrigins: string[];
  ExposedHeaders?: string[];
  MaxAge?: number;
};
const RULE_PROPERTIES = ['AllowedHeaders', 'AllowedMethods', 'AllowedOrigins', 'ExposedHeaders', 'MaxAge'];

/** A request to a bucket, or a browser's preflight request for one. */
export type CorsRequest = { bucket: string; method: string; headers: IncomingHttpHeaders };

/** Returns the CORS headers of the response to a request; undefined for a request that no rule allows. */
export type Cors = (request: CorsRequest) => Record<string, string> | undefined;

/**
 * The CORS rules of the template's buckets. The API of the local host stands for the deployed one: a page that it serves has the origins that
 * the deployed API would have. All other origins are refused, whatever the rules say.
 *
 * @param apiOrigins the origins at which the API is served here
 * @throws UnsupportedTemplate for an unknown property of a rule
 */
export function corsOf(resources: readonly Resource[], apiOrigins: () => readonly string[]): Cors {
  const rules = new Map(
    resources
      .filter(({ type }) => type === 'AWS::S3::Bucket')
      .map((bucket) => [bucket.name, rulesOf(bucket)]),
  );
  const deployed = deployedOrigins(resources);
  return ({ bucket, method, headers }) => {
    const { origin } = headers;
    if (origin === undefined || !apiOrigins().includes(origin)) return undefined;
    const isPreflight = method === 'OPTIONS';
    const wanted = isPreflight ? (headers['access-control-request-method'] ?? '') : method;
    const names = isPreflight ? namesIn(headers['access-control-request-headers'] ?? '') : [];
    // The first rule that allows the request counts (source: S3 user guide, "Using cross-origin resource sharing").
    const rule = rules
      .get(bucket)
      ?.find(
        ({ AllowedHeaders = [], AllowedMethods, AllowedOrigins }) =>
          AllowedMethods.includes(wanted) &&
          AllowedOrigins.some((pattern) => deployed.some((each) => matches(pattern, each))) &&
          names.every((name) => AllowedHeaders.some((pattern) => matches(pattern.toLowerCase(), name))),
      );
    return rule && responseHeaders(rule, origin, names);
  };
}

function rulesOf(bucket: Resource): Rule[] {
  const { CorsConfiguration = { CorsRules: [] } } = bucket.properties() as {
    CorsConfiguration?: { CorsRules: Rule[] };
  };
  const unknown = CorsConfiguration.CorsRules.flatMap(Object.keys).filter(
    (name) => !RULE_PROPERTIES.includes(name),
  );
  if (unknown.length === 0) return CorsConfiguration.CorsRules;
  throw new UnsupportedTemplate(
    `The local host does not know ${unknown.join(', ')} of a CORS rule of ${bucket.logicalId}.`,
  );
}

/** The origins of the template's APIs in AWS: their own domains, and API Gateway's. */
function deployedOrigins(resources: readonly Resource[]): string[] {
  const domains = resources.filter(({ type }) => type === 'AWS::ApiGateway::DomainName');
  const apis = resources.filter(({ type }) => type === 'AWS::ApiGateway::RestApi');
  return [
    ...domains.map((domain) => `https://${domain.properties()['DomainName']}`),
    ...apis.map(({ logicalId }) => `https://${logicalId.toLowerCase()}.execute-api.${REGION}.amazonaws.com`),
  ];
}

/** Whether a text matches a pattern with at most one `*`. */
function matches(pattern: string, text: string): boolean {
  const [start = '', end] = pattern.split('*', 2);
  if (end === undefined) return pattern === text;
  return text.length >= start.length + end.length && text.startsWith(start) && text.endsWith(end);
}

const namesIn = (list: string): string[] =>
  list
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');

function responseHeaders(
  { AllowedMethods, ExposedHeaders = [], MaxAge }: Rule,
  origin: string,
  names: readonly string[],
): Record<string, string> {
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': AllowedMethods.join(', '),
    ...(names.length > 0 && { 'access-control-allow-headers': names.join(', ') }),
    ...(ExposedHeaders.length > 0 && { 'access-control-expose-headers': ExposedHeaders.join(', ') }),
    ...(MaxAge !== undefined && { 'access-control-max-age': String(MaxAge) }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
}
