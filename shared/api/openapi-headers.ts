import { OPERATIONS, type Operation, type OperationName } from './operations.ts';

/** The headers of responses, as the OpenAPI document describes them. */
export const HEADERS = {
  'x-kraken-correlation-id': {
    description: 'The request’s identifier. Name it when you report a problem.',
    schema: { type: 'string' },
  },
  'X-Ignored-Fields': {
    description:
      'The paths of fields that were ignored because there are none of these names, separated by commas. Absent if there are none.',
    schema: { type: 'string' },
    example: 'task_params.dry_run',
  },
  'Retry-After': {
    description: 'How long to wait, in seconds. Absent if it is unknown.',
    schema: { type: 'integer' },
  },
  ETag: {
    description: 'Identifies the body. Send it as `If-None-Match` with the next request.',
    schema: { type: 'string' },
    example: 'W/"gY0wMRtDDHmiPMCs3bZYJQ"',
  },
  Allow: {
    description: 'The methods that the path has.',
    schema: { type: 'string' },
    example: 'GET, HEAD, OPTIONS',
  },
  'WWW-Authenticate': {
    description: 'The scheme of the credentials.',
    schema: { type: 'string', const: 'Token' },
  },
  Location: { description: 'The page’s address, relative.', schema: { type: 'string' } },
} as const;

/** Returns references to the headers of an operation's responses with a status. */
export function headersOf(name: OperationName, status: number): Record<string, unknown> {
  const names: (keyof typeof HEADERS)[] = ['x-kraken-correlation-id'];
  const { request, isPolled }: Operation = OPERATIONS[name];
  if (request === 'ValidateRequest' || request === 'CreateRequest') {
    if ([200, 201, 400].includes(status)) names.push('X-Ignored-Fields');
  }
  if (isPolled === true && (status === 200 || status === 304)) names.push('ETag');
  if (status === 301) names.push('Location');
  if (status === 401) names.push('WWW-Authenticate');
  if (status === 405) names.push('Allow');
  if (status === 429) names.push('Retry-After');
  return Object.fromEntries(names.map((header) => [header, { $ref: `#/components/headers/${header}` }]));
}
