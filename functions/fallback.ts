import * as v from 'valibot';
import { openEndpoint } from './edge/http.ts';
import { httpErrors, ok } from './edge/responses.ts';
import { setting } from './edge/settings.ts';

/** Each route's methods, by resource path. The template sets them. */
const routes = v.parse(v.record(v.string(), v.array(v.string())), JSON.parse(setting('ROUTES')));

/** The response to OPTIONS (source: Django REST framework, `SimpleMetadata`), without the fields of the request. */
const METADATA = {
  name: 'Supply Point Import',
  description: '',
  renders: ['application/json'],
  parses: ['application/json'],
};

/** Handles OPTIONS, and responds with 405 to methods that a route does not have. */
export const handler = openEndpoint(({ method, resource, acceptsJson }) => {
  const methods = routes[resource];
  if (methods === undefined) throw new Error(`The resource ${resource} is not in ROUTES.`);
  if (!acceptsJson) throw httpErrors.notAcceptable();
  const allowed = allowedMethods(methods);
  if (method === 'OPTIONS') return { ...ok(METADATA), headers: { Allow: allowed.join(', ') } };
  throw httpErrors.methodNotAllowed(method, allowed);
});

/** The methods in Django's order (source: `View.http_method_names`). HEAD is allowed where GET is, and OPTIONS always. */
function allowedMethods(methods: readonly string[]): string[] {
  const all = new Set([...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS']);
  return ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE'].filter((method) =>
    all.has(method),
  );
}
