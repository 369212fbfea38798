import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** The operations that scripts call. */
export type Operation = keyof typeof PROTOCOLS;
/** An operation's response: the content of the result element as XML, or the JSON body; or an error. */
export type AwsResponse = string | { error: string; message?: string };
/** A request to an operation. `body` is form-encoded, JSON or empty, by the operation's protocol. */
export type AwsRequest = { operation: Operation; request: IncomingMessage; body: string };
/** Responses by operation, constant or computed from the request. Other operations fail with UnknownOperationException. */
export type AwsResponses = Partial<
  Record<Operation, AwsResponse | ((request: AwsRequest) => AwsResponse | Promise<AwsResponse>)>
>;

const PROTOCOLS = {
  GetCallerIdentity: 'query',
  ListSubscriptions: 'query',
  ListSubscriptionsByTopic: 'query',
  DescribeStacks: 'query',
  GetTemplate: 'query',
  ListStackResources: 'query',
  GetParameter: 'json',
  DescribeCertificate: 'json',
  DescribeTable: 'json',
  DescribeTimeToLive: 'json',
  GetItem: 'json',
  PutItem: 'json',
  UpdateItem: 'json',
  DeleteItem: 'json',
  Query: 'json',
  CreateQueue: 'json',
  GetQueueAttributes: 'json',
  SetQueueAttributes: 'json',
  ReceiveMessage: 'json',
  DeleteQueue: 'json',
  PutRule: 'json',
  PutTargets: 'json',
  RemoveTargets: 'json',
  DeleteRule: 'json',
  DescribeArchive: 'json',
  ListDeploymentGroups: 'json',
  GetDeploymentGroup: 'json',
  GetAccount: 'rest',
  GetAccountSettings: 'rest',
  GetAlias: 'rest',
  GetFunctionConcurrency: 'rest',
  PutFunctionConcurrency: 'rest',
  DeleteFunctionConcurrency: 'rest',
  GetStage: 'rest',
  UpdateStage: 'rest',
} as const satisfies Record<string, 'query' | 'json' | 'rest'>;

/** Operations of the REST protocol, by method and path. */
const REST: readonly [method: string, path: RegExp, operation: Operation][] = [
  ['GET', /^\/account$/, 'GetAccount'],
  ['GET', /^\/2016-08-19\/account-settings$/, 'GetAccountSettings'],
  ['GET', /^\/2015-03-31\/functions\/[^/]+\/aliases\/[^/]+$/, 'GetAlias'],
  ['GET', /^\/[\d-]+\/functions\/[^/]+\/concurrency$/, 'GetFunctionConcurrency'],
  ['PUT', /^\/[\d-]+\/functions\/[^/]+\/concurrency$/, 'PutFunctionConcurrency'],
  ['DELETE', /^\/[\d-]+\/functions\/[^/]+\/concurrency$/, 'DeleteFunctionConcurrency'],
  ['GET', /^\/restapis\/[^/]+\/stages\/[^/]+$/, 'GetStage'],
  ['PATCH', /^\/restapis\/[^/]+\/stages\/[^/]+$/, 'UpdateStage'],
];

/**
 * Starts a server that sends these responses in AWS's wire formats, so the real SDK clients can use it (source: Smithy, "AWS query
 * protocol", "AWS JSON 1.1 protocol", "AWS REST JSON 1 protocol"). `operations` are the requested ones, in order.
 */
export async function startAwsServer(responses: AwsResponses) {
  const operations: Operation[] = [];
  const server = createServer(async (request, reply) => {
    const requestBody = await text(request);
    const operation = operationOf(request, requestBody);
    operations.push(operation);
    const configured = responses[operation] ?? { error: 'UnknownOperationException' };
    const response =
      typeof configured === 'function'
        ? await configured({ operation, request, body: requestBody })
        : configured;
    const { status, headers, body } = wire(operation, response);
    reply.writeHead(status, headers).end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    operations,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function operationOf({ method, url, headers }: IncomingMessage, body: string): Operation {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.split('.').at(-1) as Operation;
  const path = url?.split('?')[0] ?? '';
  const rest = REST.find(([verb, pattern]) => verb === method && pattern.test(path));
  if (rest !== undefined) return rest[2];
  return new URLSearchParams(body).get('Action') as Operation;
}

type Wire = { status: number; headers: Record<string, string>; body: string };

function wire(operation: Operation, response: AwsResponse): Wire {
  const protocol = PROTOCOLS[operation];
  if (protocol === 'query') return query(operation, response);
  const type = protocol === 'json' ? 'application/x-amz-json-1.1' : 'application/json';
  const headers = { 'content-type': type };
  if (typeof response === 'string') return { status: 200, headers, body: response };
  const { error, message = 'No.' } = response;
  if (protocol === 'json') {
    return { status: 400, headers, body: JSON.stringify({ __type: error, message }) };
  }
  return {
    status: 403,
    headers: { ...headers, 'x-amzn-errortype': error },
    body: JSON.stringify({ message }),
  };
}

function query(operation: Operation, response: AwsResponse): Wire {
  const headers = { 'content-type': 'text/xml' };
  if (typeof response === 'string') {
    const body = `<${operation}Response><${operation}Result>${response}</${operation}Result></${operation}Response>`;
    return { status: 200, headers, body };
  }
  const { error, message = 'No.' } = response;
  const status = error === 'ValidationError' ? 400 : 403;
  const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${error}</Code><Message>${message}</Message></Error></ErrorResponse>`;
  return { status, headers, body };
}
