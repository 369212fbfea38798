// A function's instance: loads its bundle and handles one event at a time, as Lambda's runtime does.
import { parentPort, workerData } from 'node:worker_threads';
import type { FunctionThreadData, Invocation, InvocationResult } from './functions.ts';

const { bundle, name, memoryMiB } = workerData as FunctionThreadData;
const { handler } = await import(bundle);

parentPort!.on('message', async ({ requestId, event, deadline }: Invocation) => {
  const context = {
    awsRequestId: requestId,
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:${process.env['AWS_REGION']}:000000000000:function:${name}`,
    memoryLimitInMB: String(memoryMiB),
    logGroupName: process.env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: process.env['AWS_LAMBDA_LOG_STREAM_NAME'],
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  parentPort!.postMessage(await run(event, context));
});
parentPort!.postMessage('ready');

async function run(event: unknown, context: object): Promise<InvocationResult> {
  try {
    const result = await handler(event, context);
    // Through JSON, as in Lambda: what does not survive it must not survive it here.
    return { result: result === undefined ? null : JSON.parse(JSON.stringify(result)) };
  } catch (error) {
    const { name: errorType, message, stack } = error instanceof Error ? error : new Error(String(error));
    console.error(stack);
    return { error: { errorType, errorMessage: message } };
  }
}
