import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import * as v from 'valibot';

/**
 * Formats short lines, because CloudWatch bills each byte. The function's name is left out: the log group has it. The trace ID is only in
 * warnings and errors, because most requests are not traced (infra/cloud/tracing.ts).
 */
class ShortLines extends LogFormatter {
  formatAttributes(attributes: UnformattedAttributes, additional: LogAttributes): LogItem {
    const { logLevel, message, timestamp, lambdaContext, xRayTraceId } = attributes;
    const isTraced = logLevel !== 'INFO' && logLevel !== 'DEBUG';
    return new LogItem({
      attributes: {
        level: logLevel,
        message,
        timestamp: this.formatTimestamp(timestamp),
        function_request_id: lambdaContext?.awsRequestId,
        ...(isTraced && { xray_trace_id: xRayTraceId }),
        ...(lambdaContext?.coldStart && { cold_start: true }),
      },
    }).addAttributes(additional);
  }
}

/**
 * Logger of all functions. Writes JSON lines with the request's identifiers. Import suppliers, identifiers, statuses and codes may be
 * logged. Values from payloads must not be logged.
 */
export const log = new Logger({ logFormatter: new ShortLines() });

/**
 * Returns the loggable parts of an unexpected error: its name, the first ten stack frames, its cause, and its message unless that may quote
 * personal data.
 */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  // The messages of these two quote their input.
  const mayQuote = error instanceof SyntaxError || error instanceof v.ValiError;
  const frames = error.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? [];
  return {
    name: error.name,
    ...(mayQuote ? {} : { message: error.message }),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
    frames: frames.slice(0, 10).map((line) => line.trim()),
  };
}
