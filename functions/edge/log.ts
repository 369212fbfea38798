import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import * as v from 'valibot';

/**
 * Short lines, because each byte of a log is paid for: the log group already names the function. A trace is named where something went
 * wrong, since most requests have none (infra/cloud/tracing.ts).
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
 * The functions' log: JSON lines, with the request's identifiers. Import suppliers, identifiers, statuses and codes may be
 * logged; what people sent in payloads never.
 */
export const log = new Logger({ logFormatter: new ShortLines() });

/**
 * What may be logged of an unforeseen error: its name, where it was thrown, and its message unless that may quote data.
 */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  // These two quote what they could not read.
  const mayQuote = error instanceof SyntaxError || error instanceof v.ValiError;
  const frames = error.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? [];
  return {
    name: error.name,
    ...(mayQuote ? {} : { message: error.message }),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
    frames: frames.slice(0, 10).map((line) => line.trim()),
  };
}
