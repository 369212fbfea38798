import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** The operations that scripts call. */
export type Operation = keyof typeof PROTOCOLS;
/** What an operation answers: the inside of the result, as XML or JSON; or an error. */
export type Answer = string | { error: string; message?: string };
/** A request to an operation. `body` is form-encoded, JSON or empty, as the protocol has it. */
export type Asked = { operation: Operation; request: IncomingMessage; body: string };
/** An answer to each request, or one that depends on the request. Other operations are answered that they are unknown. */
export type Answers = Partial<Record<Operation, Answer | ((asked: Asked) => Answer | Promise<Answer>)>>;

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
 * Answers as the services do on the wire, by the operations' protocols (source: Smithy, "AWS query protocol", "AWS JSON 1.1
 * protocol", "AWS REST JSON 1 protocol"): the real SDK clients read it.
 */
export async function answering(answers: Answers) {
  const asked: Operation[] = [];
  const server = createServer(async (request, response) => {
    const sent = await text(request);
    const operation = operationOf(request, sent);
    asked.push(operation);
    const answer = answers[operation] ?? { error: 'UnknownOperationException' };
    const found = typeof answer === 'function' ? await answer({ operation, request, body: sent }) : answer;
    const { status, headers, body } = wire(operation, found);
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
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

function wire(operation: Operation, answer: Answer): Wire {
  const protocol = PROTOCOLS[operation];
  if (protocol === 'query') return query(operation, answer);
  const type = protocol === 'json' ? 'application/x-amz-json-1.1' : 'application/json';
  const headers = { 'content-type': type };
  if (typeof answer === 'string') return { status: 200, headers, body: answer };
  const { error, message = 'No.' } = answer;
  if (protocol === 'json') {
    return { status: 400, headers, body: JSON.stringify({ __type: error, message }) };
  }
  return {
    status: 403,
    headers: { ...headers, 'x-amzn-errortype': error },
    body: JSON.stringify({ message }),
  };
}

function query(operation: Operation, answer: Answer): Wire {
  const headers = { 'content-type': 'text/xml' };
  if (typeof answer === 'string') {
    const body = `<${operation}Response><${operation}Result>${answer}</${operation}Result></${operation}Response>`;
    return { status: 200, headers, body };
  }
  const { error, message = 'No.' } = answer;
  const status = error === 'ValidationError' ? 400 : 403;
  const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${error}</Code><Message>${message}</Message></Error></ErrorResponse>`;
  return { status, headers, body };
}
