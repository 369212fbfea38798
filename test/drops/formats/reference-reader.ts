import type { APIGatewayProxyEvent } from 'aws-lambda';
import { readRequest } from '../../../functions/edge/request.ts';
import { HttpError } from '../../../functions/edge/responses.ts';
import { type DropRow, ROW_BYTES_MAX } from '../../../shared/drops/formats/row.ts';
import type { Reading } from './read-helpers.ts';

/** Reads the rows of an NDJSON file by a simple, slow method, as the reference for the tests. */
export function referenceReading(file: Buffer): Reading {
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

/** Parses a body as the endpoint does: the body, or the endpoint's errors. */
export function asTheEndpoint(body: Buffer): { body: unknown } | { errors: Record<string, unknown> } {
  const event = {
    body: body.toString('base64'),
    isBase64Encoded: true,
    headers: { 'content-type': 'application/json' },
    requestContext: {},
  };
  try {
    return { body: readRequest(event as unknown as APIGatewayProxyEvent, Date.now()).json() };
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return { errors: error.response.body as Record<string, unknown> };
  }
}
