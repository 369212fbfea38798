import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { vi } from 'vitest';

/** The input of an operation, as it is on the wire. */
// biome-ignore lint/suspicious/noExplicitAny: the input of any operation
export type Input = any;

/**
 * Returns an operation's output, to be sent as JSON. An output with `__type` is an error of that name. A promise that stays open leaves the
 * request open.
 */
export type Respond = (input: Input, operation: string) => object | undefined | Promise<object | undefined>;

/** An HTTP server on a free port. */
export async function serverOf(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/**
 * An HTTP server that speaks the AWS JSON protocol, which DynamoDB, SQS and EventBridge use (source: Smithy, "AWS JSON 1.0 protocol").
 * The clients of shared/aws/clients.ts that are created after it send their requests to it. `inputs` has the input of each request.
 */
export async function jsonService(respond: Respond) {
  const inputs: Input[] = [];
  const server = await serverOf(async (request, response) => {
    const input = await json(request);
    inputs.push(input);
    const output = await respond(input, String(request.headers['x-amz-target']).split('.').at(-1)!);
    const status = output !== undefined && '__type' in output ? 400 : 200;
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(output));
  });
  vi.stubEnv('AWS_REGION', 'ap-southeast-2');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  for (const service of ['DYNAMODB', 'SQS', 'EVENTBRIDGE']) {
    vi.stubEnv(`AWS_ENDPOINT_URL_${service}`, server.url);
  }
  return {
    url: server.url,
    inputs,
    async [Symbol.asyncDispose]() {
      vi.unstubAllEnvs();
      await server[Symbol.asyncDispose]();
    },
  };
}
