// The worker thread of a function instance: loads the bundle and handles one event at a time, as Lambda's runtime does.
import { parentPort, workerData } from 'node:worker_threads';
import type { FunctionThreadData, Invocation, InvocationResult } from './function-instance.ts';

type Handler = (event: unknown, context: object) => unknown;

/** Largest result, as JSON (source: Lambda quotas, "Invocation payload": 6 MB; the number is that of its error message). */
const RESULT_BYTES_MAX = 6_291_556;

// Only for Node: a function has no variables of the local host.
delete process.env['NODE_COMPILE_CACHE'];

const { bundle, name, memoryMiB } = workerData as FunctionThreadData;

try {
  const { handler } = await import(bundle);
  if (typeof handler !== 'function') throw new TypeError('The bundle exports no function "handler".');
  parentPort!.on('message', async (invocation: Invocation) => {
    parentPort!.postMessage(await handle(handler, invocation));
  });
  parentPort!.postMessage('ready');
} catch (error) {
  parentPort!.postMessage(failure(error));
}

/** Runs the handler. The event and the result are JSON, as in Lambda. */
async function handle(handler: Handler, { requestId, event, deadline, trace }: Invocation): Promise<string> {
  // The SDK sends this header with each request (source: Lambda, "Reserved environment variables").
  process.env['_X_AMZN_TRACE_ID'] = trace;
  const context = {
    awsRequestId: requestId,
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:${process.env['AWS_REGION']}:${process.env['AWS_ACCOUNT_ID']}:function:${name}`,
    memoryLimitInMB: String(memoryMiB),
    logGroupName: process.env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: process.env['AWS_LAMBDA_LOG_STREAM_NAME'],
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  try {
    const result = JSON.stringify(await handler(JSON.parse(event), context)) ?? 'null';
    const bytes = Buffer.byteLength(result);
    if (bytes > RESULT_BYTES_MAX) throw new ResponseSizeTooLarge(bytes);
    return `{"result":${result}}`;
  } catch (error) {
    return failure(error);
  }
}

class ResponseSizeTooLarge extends Error {
  override name = 'Function.ResponseSizeTooLarge';
  constructor(bytes: number) {
    super(
      `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (${RESULT_BYTES_MAX} bytes).`,
    );
  }
}

function failure(thrown: unknown): string {
  const { name: errorType, message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown));
  console.error(stack);
  return JSON.stringify({ error: { errorType, errorMessage: message } } satisfies InvocationResult);
}
