import * as v from 'valibot';
import { refusal } from './edge/answers.ts';
import { openEndpoint } from './edge/http.ts';
import { setting } from './edge/settings.ts';

/** Which methods each route has, from the template: its resource path → methods. */
const routes = v.parse(v.record(v.string(), v.array(v.string())), JSON.parse(setting('ROUTES')));

/** Any other path or method: 405 where there is such a route, 404 where there is none. */
export const handler = openEndpoint(({ method, resource }) => {
  const allowed = Object.hasOwn(routes, resource) ? routes[resource] : undefined;
  throw allowed === undefined ? refusal.unknownPath() : refusal.methodNotAllowed(method, allowed);
});
