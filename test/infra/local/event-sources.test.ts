import {
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SmallHost, startSmallHost } from './small-assembly.ts';

/** Says what it gets; a body says what becomes of it, by how often it was received. */
const WORK = `
export const handler = async ({ Records }) => {
  const failures = [];
  for (const { body, messageId, attributes } of Records) {
    console.log(body + ' ' + attributes.ApproximateReceiveCount);
    const first = attributes.ApproximateReceiveCount === '1';
    if (body.startsWith('fails') || (body.startsWith('fails once') && first)) failures.push(messageId);
    if (body.startsWith('throws once') && first) throw new Error(body);
    if (body.startsWith('exits once') && first) process.exit(1);
    if (body.startsWith('hangs once') && first) await new Promise(() => {});
  }
  return { batchItemFailures: failures.map((itemIdentifier) => ({ itemIdentifier })) };
};
`;
const ONCE = WORK.replace("body.startsWith('fails') || ", '');
const PARTIAL = { FunctionResponseTypes: ['ReportBatchItemFailures'] };
const AGAIN_AFTER = { VisibilityTimeout: 1 };

let host: SmallHost;
let sqs: SQSClient;
beforeAll(async () => {
  host = await startSmallHost({
    queues: {
      partial: AGAIN_AFTER,
      whole: AGAIN_AFTER,
      poisoned: { ...AGAIN_AFTER, deadLetters: { queue: 'dead', after: 2 } },
      dead: {},
      many: { VisibilityTimeout: 30 },
      unloadable: { ...AGAIN_AFTER, deadLetters: { queue: 'unloaded', after: 2 } },
      unloaded: {},
    },
    functions: {
      partial: { code: ONCE, from: { queue: 'partial', properties: PARTIAL }, properties: { Timeout: 1 } },
      whole: { code: ONCE, from: { queue: 'whole' }, properties: { Timeout: 1 } },
      poisoned: { code: WORK, from: { queue: 'poisoned', properties: PARTIAL } },
      many: { code: WORK, from: { queue: 'many', properties: PARTIAL } },
      unloadable: { code: "throw new Error('no setting')", from: { queue: 'unloadable' } },
    },
  });
  const { sqs: endpoint, credentials } = host.endpoints;
  sqs = new SQSClient({ endpoint, region: 'ap-southeast-2', credentials });
});
afterAll(async () => {
  sqs.destroy();
  await host.stop();
});

async function sendAll(queue: string, bodies: string[]): Promise<void> {
  for (let from = 0; from < bodies.length; from += 10) {
    const Entries = bodies
      .slice(from, from + 10)
      .map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: host.endpoints.queues[queue]!, Entries }));
  }
}

async function messageIn(queue: string): Promise<Message | undefined> {
  const receive = new ReceiveMessageCommand({ QueueUrl: host.endpoints.queues[queue]!, WaitTimeSeconds: 5 });
  return (await sqs.send(receive)).Messages?.[0];
}

/** Waits until a function has got these messages so often, and answers all that it got. */
async function received(name: string, last: string[]): Promise<string[]> {
  await expect.poll(() => host.logs(name), { timeout: 15_000 }).toEqual(expect.arrayContaining(last));
  return host.logs(name);
}

it('of a batch only what failed is delivered again', async () => {
  await sendAll('partial', ['good', 'fails once']);
  const got = await received('partial', ['good 1', 'fails once 2']);
  expect(got.filter((line) => line.startsWith('good'))).toEqual(['good 1']);
});

it.each(['throws once', 'exits once', 'hangs once'])(
  'no message of a batch is lost whose function "%s"',
  async (fate) => {
    await sendAll('partial', [fate, `with ${fate}`]);
    await received('partial', [`${fate} 2`, `with ${fate} 2`]);
  },
);

it('without ReportBatchItemFailures what a function says of failures is not looked at', async () => {
  await sendAll('whole', ['fails once', 'throws once']);
  const got = await received('whole', ['throws once 2']);
  expect(got.filter((line) => line === 'fails once 3')).toEqual([]);
});

it('what fails as often as the queue allows is found in the dead-letter queue', async () => {
  await sendAll('poisoned', ['fails always']);
  expect((await messageIn('dead'))?.Body).toBe('fails always');
  expect(host.logs('poisoned')).toEqual(['fails always 1', 'fails always 2']);
});

it('what a function that does not load should have got is found in the dead-letter queue', async () => {
  await sendAll('unloadable', ['never seen']);
  expect((await messageIn('unloaded'))?.Body).toBe('never seen');
});

it('four hundred messages are each delivered once', async () => {
  const bodies = Array.from({ length: 400 }, (_, index) => `message ${index}`);
  await sendAll('many', bodies);
  const expected = bodies.map((body) => `${body} 1`).sort();
  await expect.poll(() => host.logs('many').length, { timeout: 15_000 }).toBeGreaterThanOrEqual(400);
  expect(host.logs('many').sort()).toEqual(expected);
});

it('a message that is delayed is delivered in its time', async () => {
  const QueueUrl = host.endpoints.queues['many']!;
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'late', DelaySeconds: 1 }));
  await received('many', ['late 1']);
});
