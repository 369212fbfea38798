import { ignoredFields } from '../../shared/contract/ignored-fields.ts';
import type { ApiResponse } from './responses.ts';

/** Maximum length of the header's value, in bytes. */
const HEADER_BYTES_MAX = 1024;
const MORE = ', ...';

/**
 * Adds the header `X-Ignored-Fields` if the request body has fields that are not in the contract. Its value is their paths, separated
 * by commas, and ends in `...` if they do not fit. Upstream ignores such fields silently: `"task_params": {"dry_run": true}` makes a
 * real import. Status and body are the same as upstream's.
 */
export function withIgnoredFieldsHeader(body: unknown, response: ApiResponse): ApiResponse {
  const fields = ignoredFields(body);
  if (fields.length === 0) return response;
  return { ...response, headers: { ...response.headers, 'X-Ignored-Fields': headerValue(fields) } };
}

/** Paths are ASCII, so one character is one byte. */
function headerValue(fields: readonly string[]): string {
  const all = fields.join(', ');
  if (all.length <= HEADER_BYTES_MAX) return all;
  return all.slice(0, all.lastIndexOf(', ', HEADER_BYTES_MAX - MORE.length)) + MORE;
}
