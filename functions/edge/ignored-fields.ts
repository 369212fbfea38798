import { ignoredFields } from '../../shared/contract/ignored-fields.ts';
import type { ApiResponse } from './responses.ts';

/** Most bytes of the header's value. */
const HEADER_BYTES_MAX = 1024;
const MORE = ', ...';

/**
 * The answer to a request, with the header `X-Ignored-Fields` where the body has fields that the contract does not know: their
 * paths, separated by commas. Upstream ignores such fields in silence, so that `"task_params": {"dry_run": true}` makes a real
 * import; status and body stay as upstream's. Paths that are too many end in `...`.
 */
export function withIgnoredFieldsHeader(body: unknown, response: ApiResponse): ApiResponse {
  const fields = ignoredFields(body);
  if (fields.length === 0) return response;
  return { ...response, headers: { ...response.headers, 'X-Ignored-Fields': headerValue(fields) } };
}

/** Paths are ASCII, so a character is a byte. */
function headerValue(fields: readonly string[]): string {
  const all = fields.join(', ');
  if (all.length <= HEADER_BYTES_MAX) return all;
  return all.slice(0, all.lastIndexOf(', ', HEADER_BYTES_MAX - MORE.length)) + MORE;
}
