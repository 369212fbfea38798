import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { vi } from 'vitest';

/** Parts of an API Gateway event that differ from a GET request of an importer for TEST_SUPPLIER. */
export type EventChange = Partial<Omit<APIGatewayProxyEvent, 'requestContext'>> & {
  authorizer?: Record<string, unknown> | null;
};

/** Returns an event as API Gateway sends it (source: API Gateway, "Input format of a Lambda function for proxy integration"). */
export function gatewayEvent({ authorizer, ...change }: EventChange = {}): APIGatewayProxyEvent {
  return {
    httpMethod: 'GET',
    resource: '/things/{supplier}',
    path: '/things/TEST_SUPPLIER',
    headers: null,
    multiValueHeaders: null,
    pathParameters: { supplier: 'TEST_SUPPLIER', identifier: '2000000001' },
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    stageVariables: null,
    body: null,
    isBase64Encoded: false,
    requestContext: {
      requestId: 'request-1',
      requestTimeEpoch: 1_700_000_000_000,
      authorizer:
        authorizer === undefined ? { role: 'importer', suppliers: '{"TEST_SUPPLIER":"open"}' } : authorizer,
    },
    ...change,
  } as unknown as APIGatewayProxyEvent;
}

export const lambdaContext = {
  awsRequestId: 'invocation-1',
  getRemainingTimeInMillis: () => 4_321,
} as Context;

type Handler = (event: APIGatewayProxyEvent, context: Context) => Promise<APIGatewayProxyResult>;

/** Invokes an HTTP function's handler. Returns its response with the parsed body, and the lines that it logs. */
export async function invoke(handler: unknown, change: EventChange = {}) {
  const { result, lines } = await withLog(() => (handler as Handler)(gatewayEvent(change), lambdaContext));
  const isJson = result.headers?.['Content-Type'] === 'application/json';
  return { ...result, content: isJson ? JSON.parse(result.body) : result.body, lines };
}

/** Runs a function. Returns its result and the JSON lines that it writes to the standard streams. */
export async function withLog<T>(run: () => Promise<T> | T) {
  const text: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((chunk) => text.push(String(chunk)) > 0),
  );
  try {
    const result = await run();
    const lines: Record<string, unknown>[] = text
      .join('')
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
    return { result, lines };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
