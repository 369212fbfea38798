import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHAIN_INVOCATIONS_MAX, traceOf } from '../../../infra/local/recursion.ts';
import { type SmallHost, startSmallHost } from './small-assembly.ts';

/** Sends each message `<number>` on as `<number + 1>` up to 20, with the SDK, which adds the trace header. */
const sendOn = (queueVariable: string): string => `
import { SendMessageBatchCommand, SQSClient } from '${import.meta.resolve('@aws-sdk/client-sqs')}';
const client = new SQSClient({});
export const handler = async ({ Records }) => {
  for (const { body } of Records) {
    console.log(body);
    if (Number(body) >= 20) continue;
    const entry = { Id: 'next', MessageBody: String(Number(body) + 1) };
    await client.send(new SendMessageBatchCommand({ QueueUrl: process.env.${queueVariable}, Entries: [entry] }));
  }
};`;
const looping = (queue: string, properties: object = {}) => ({
  code: sendOn('NEXT'),
  from: { queue },
  sendsTo: queue,
  properties: { Environment: { Variables: { NEXT: { Ref: `Queue${queue}` } } }, ...properties },
});

let host: SmallHost;
let sqs: SQSClient;
beforeAll(async () => {
  host = await startSmallHost({
    queues: {
      loop: { VisibilityTimeout: 5, deadLetters: { queue: 'dead', after: 2 } },
      dead: {},
      allowed: { VisibilityTimeout: 30 },
    },
    functions: {
      loop: looping('loop'),
      allowed: looping('allowed', { RecursiveLoop: 'Allow' }),
    },
  });
  const { sqs: endpoint, credentials } = host.endpoints;
  sqs = new SQSClient({ endpoint, region: 'ap-southeast-2', credentials });
});
afterAll(async () => {
  sqs.destroy();
  await host.stop();
});

const start = (queue: string) =>
  sqs.send(new SendMessageCommand({ QueueUrl: host.endpoints.queues[queue]!, MessageBody: '1' }));
const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

it('a function that sends to its own queue is stopped after 16 invocations, and the message goes to the dead-letter queue', async () => {
  await start('loop');
  const receive = new ReceiveMessageCommand({ QueueUrl: host.endpoints.queues['dead']!, WaitTimeSeconds: 1 });
  const dead = async () => (await sqs.send(receive)).Messages?.[0]?.Body;
  await expect.poll(dead, { timeout: 60_000 }).toBe(String(CHAIN_INVOCATIONS_MAX + 1));
  expect(host.logs('loop')).toEqual(numbers(1, CHAIN_INVOCATIONS_MAX));
}, 70_000);

it('a function whose RecursiveLoop is Allow is not stopped', async () => {
  await start('allowed');
  await expect.poll(() => host.logs('allowed'), { timeout: 60_000 }).toEqual(numbers(1, 20));
});

describe('a trace', () => {
  it('counts the invocations of each function of its chain', () => {
    const first = traceOf('reader', undefined);
    const second = traceOf('worker', first.header);
    const third = traceOf('reader', second.header);
    expect([first, second, third].map(({ invocations }) => invocations)).toEqual([1, 1, 2]);
  });

  it('keeps its root and accepts the header of X-Ray', () => {
    const { header } = traceOf(
      'reader',
      'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1;Lineage=a87bd80c:1',
    );
    expect(header).toMatch(
      /^Root=1-5759e988-bd862e3fe1be46a994272793;Parent=[\da-f]{16};Sampled=0;Lineage=a87bd80c:1\|[\da-f]{8}:1$/,
    );
  });
});
