import { allowedMethods } from '../shared/api/operations.ts';
import { openEndpoint } from './edge/http.ts';
import { httpErrors, ok } from './edge/responses.ts';

/** The response to OPTIONS (source: Django REST framework, `SimpleMetadata`), without the fields of the request. */
const METADATA = {
  name: 'Supply Point Import',
  description: '',
  renders: ['application/json'],
  parses: ['application/json'],
};

/** Handles OPTIONS, and responds with 405 to methods that a route does not have. */
export const handler = openEndpoint(({ method, resource, acceptsJson }) => {
  const allowed = allowedMethods(resource);
  if (allowed === undefined) throw new Error(`No operation has the path ${resource}.`);
  if (!acceptsJson) throw httpErrors.notAcceptable();
  if (method === 'OPTIONS') return { ...ok(METADATA), headers: { Allow: allowed.join(', ') } };
  throw httpErrors.methodNotAllowed(method, allowed);
});
