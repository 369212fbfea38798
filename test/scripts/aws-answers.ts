import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** The operations that the preflight calls. */
export type Operation =
  | 'GetCallerIdentity'
  | 'GetParameter'
  | 'GetAccount'
  | 'GetAccountSettings'
  | 'DescribeCertificate'
  | 'ListSubscriptions'
  | 'DescribeStacks';
/** What an operation answers: the inside of the result, as XML or JSON; or an error. */
export type Answer = string | { error: string; message?: string };

const PROTOCOLS: Record<Operation, 'query' | 'json' | 'rest'> = {
  GetCallerIdentity: 'query',
  ListSubscriptions: 'query',
  DescribeStacks: 'query',
  GetParameter: 'json',
  DescribeCertificate: 'json',
  GetAccount: 'rest',
  GetAccountSettings: 'rest',
};

/**
 * Answers as the services do on the wire, by the operations' protocols (source: Smithy, "AWS query protocol", "AWS JSON 1.1
 * protocol", "AWS REST JSON 1 protocol"): the real SDK clients read it.
 */
export async function answering(answers: Record<Operation, Answer>) {
  const asked: Operation[] = [];
  const server = createServer(async (request, response) => {
    const operation = operationOf(request, await text(request));
    asked.push(operation);
    const { status, headers, body } = wire(operation, answers[operation]);
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
  if (method === 'GET' && url === '/account') return 'GetAccount';
  if (method === 'GET' && url === '/2016-08-19/account-settings') return 'GetAccountSettings';
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
