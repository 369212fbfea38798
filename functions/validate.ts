import { validateRequest } from '../shared/contract/request.ts';
import { httpEndpoint } from './edge/http.ts';
import { withIgnoredFieldsHeader } from './edge/ignored-fields.ts';
import { badRequest, ok } from './edge/responses.ts';

/** POST /v2/data-import/supply-points/validate/ — returns the validated data, or the errors. Makes no AWS calls. */
export const handler = httpEndpoint('validate', (request) => {
  const body = request.json();
  const checked = validateRequest(body, new Map(Object.entries(request.caller.suppliers)));
  return withIgnoredFieldsHeader(body, checked.valid ? ok(checked.data) : badRequest(checked.errors));
});
