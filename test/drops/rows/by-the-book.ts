import type { APIGatewayProxyEvent } from 'aws-lambda';
import { readRequest } from '../../../functions/edge/request.ts';
import { HttpError } from '../../../functions/edge/responses.ts';
import { type DropRow, ROW_BYTES_MAX } from '../../../shared/drops/rows/row.ts';
import type { Reading } from './reading.ts';

/** What the rows of a file are, said slowly. */
export function byTheBook(file: Buffer): Reading {
  const rows: DropRow[] = [];
  let offset = file.toString('latin1').startsWith('\xef\xbb\xbf') ? 3 : 0;
  const lines = file.toString('latin1', offset).split('\n');
  if (lines.at(-1) === '') lines.pop();
  for (const [index, line] of lines.entries()) {
    const content = Buffer.from(line.replace(/\r$/, ''), 'latin1');
    if (content.length > ROW_BYTES_MAX || /[^ \t\r]/.test(line)) {
      rows.push({ line: index + 1, offset, ...asTheEndpoint(content) });
    }
    offset += line.length + 1;
  }
  return { rows, lines: lines.length };
}

/** What the endpoint makes of a request's body. */
export function asTheEndpoint(body: Buffer): { body: unknown } | { errors: Record<string, unknown> } {
  const event = {
    body: body.toString('base64'),
    isBase64Encoded: true,
    headers: { 'content-type': 'application/json' },
    requestContext: {},
  };
  try {
    return { body: readRequest(event as unknown as APIGatewayProxyEvent).json() };
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return { errors: error.response.body as Record<string, unknown> };
  }
}
