import * as v from 'valibot';
import { openEndpoint } from './edge/http.ts';
import { httpErrors, ok } from './edge/responses.ts';
import { setting } from './edge/settings.ts';

/** Which methods each route has, from the template: its resource path → methods. */
const routes = v.parse(v.record(v.string(), v.array(v.string())), JSON.parse(setting('ROUTES')));

/** What OPTIONS answers (source: Django REST framework, `SimpleMetadata`), without the fields of the request. */
const METADATA = {
  name: 'Supply Point Import',
  description: '',
  renders: ['application/json'],
  parses: ['application/json'],
};

/** The other methods of the routes: OPTIONS, and 405. */
export const handler = openEndpoint(({ method, resource, acceptsJson }) => {
  const methods = routes[resource];
  if (methods === undefined) throw new Error(`The resource ${resource} is not in ROUTES.`);
  if (!acceptsJson) throw httpErrors.notAcceptable();
  const allowed = allowedMethods(methods);
  if (method === 'OPTIONS') return { ...ok(METADATA), headers: { Allow: allowed.join(', ') } };
  throw httpErrors.methodNotAllowed(method, allowed);
});

/** In the order in which Django lists them (source: `View.http_method_names`): HEAD is there where GET is, OPTIONS always. */
function allowedMethods(methods: readonly string[]): string[] {
  const all = new Set([...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS']);
  return ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE'].filter((one) => all.has(one));
}
