import {
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type SmallHost, startSmallHost } from './small-assembly.ts';

/** Logs each message with its receive count. The body determines the outcome of the first invocation, or of all. */
const HANDLER = `
export const handler = async ({ Records }) => {
  const failures = [];
  for (const { body, messageId, attributes } of Records) {
    console.log(body + ' ' + attributes.ApproximateReceiveCount);
    const first = attributes.ApproximateReceiveCount === '1';
    if (body.startsWith('fails always') || (body.startsWith('fails once') && first)) failures.push(messageId);
    if (body.startsWith('throws once') && first) throw new Error(body);
    if (body.startsWith('exits once') && first) process.exit(1);
    if (body.startsWith('hangs once') && first) await new Promise(() => {});
  }
  return { batchItemFailures: failures.map((itemIdentifier) => ({ itemIdentifier })) };
};
`;
const PARTIAL = { FunctionResponseTypes: ['ReportBatchItemFailures'] };
/** SQS's clock is moved by hand: however slow the machine is, no visibility timeout expires by itself. */
const VISIBILITY_TIMEOUT_SECONDS = 30;
const QUEUE = { VisibilityTimeout: VISIBILITY_TIMEOUT_SECONDS };
/** Longer than any invocation here may take on a busy machine. */
const PATIENT = { Timeout: 60 };
vi.setConfig({ testTimeout: 120_000 });
const WAIT = { timeout: 60_000, interval: 20 };

let host: SmallHost;
let sqs: SQSClient;
beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const partial = (queue: string) => ({ queue, properties: PARTIAL });
  host = await startSmallHost({
    queues: {
      partial: QUEUE,
      hanging: QUEUE,
      whole: QUEUE,
      poisoned: { ...QUEUE, deadLetters: { queue: 'dead', after: 2 } },
      dead: {},
      many: QUEUE,
      unloadable: { ...QUEUE, deadLetters: { queue: 'unloaded', after: 2 } },
      unloaded: {},
    },
    functions: {
      partial: { code: HANDLER, from: partial('partial'), properties: PATIENT },
      hanging: { code: HANDLER, from: partial('hanging'), properties: { Timeout: 1 } },
      whole: { code: HANDLER, from: { queue: 'whole' }, properties: PATIENT },
      poisoned: { code: HANDLER, from: partial('poisoned'), properties: PATIENT },
      many: { code: HANDLER, from: partial('many'), properties: PATIENT },
      unloadable: { code: "throw new Error('no setting')", from: { queue: 'unloadable' } },
    },
  });
  const { sqs: endpoint, credentials } = host.endpoints;
  sqs = new SQSClient({ endpoint, region: 'ap-southeast-2', credentials });
});
afterAll(async () => {
  sqs.destroy();
  await host.stop();
  vi.useRealTimers();
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
  const receive = new ReceiveMessageCommand({ QueueUrl: host.endpoints.queues[queue]! });
  return (await sqs.send(receive)).Messages?.[0];
}

/** The number of a queue's messages: visible, in flight and delayed. */
async function messageCount(queue: string): Promise<number> {
  const all = new GetQueueAttributesCommand({
    QueueUrl: host.endpoints.queues[queue]!,
    AttributeNames: ['All'],
  });
  const { Attributes = {} } = await sqs.send(all);
  return (['', 'NotVisible', 'Delayed'] as const).reduce(
    (sum, state) => sum + Number(Attributes[`ApproximateNumberOfMessages${state}`] ?? 0),
    0,
  );
}

const advance = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000);
const expireVisibility = () => advance(VISIBILITY_TIMEOUT_SECONDS + 1);

const waitForLogs = (name: string, lines: string[]) =>
  expect.poll(() => host.logs(name), WAIT).toEqual(expect.arrayContaining(lines));

it('redelivers only the failed messages of a batch', async () => {
  await sendAll('partial', ['good', 'fails once']);
  await waitForLogs('partial', ['good 1', 'fails once 1']);
  await expect.poll(() => messageCount('partial'), WAIT).toBe(1);
  expireVisibility();
  await waitForLogs('partial', ['fails once 2']);
  expect(host.logs('partial').filter((line) => line.startsWith('good'))).toEqual(['good 1']);
});

it.each([
  ['throws once', 'partial'],
  ['exits once', 'partial'],
  ['hangs once', 'hanging'],
])('redelivers the whole batch of a function that %s', async (outcome, queue) => {
  const bodies = [outcome, `with ${outcome}`];
  await sendAll(queue, bodies);
  const redelivered = () => {
    expireVisibility();
    return bodies.filter((body) => host.logs(queue).some((line) => /^(.+) [2-9]$/.exec(line)?.[1] === body));
  };
  await waitForLogs(queue, [`${outcome} 1`]);
  await expect.poll(redelivered, { ...WAIT, interval: 200 }).toEqual(bodies);
});

it('ignores batchItemFailures without ReportBatchItemFailures', async () => {
  await sendAll('whole', ['fails once']);
  await expect.poll(() => messageCount('whole'), WAIT).toBe(0);
  expect(host.logs('whole')).toEqual(['fails once 1']);
});

it('leaves a message to the dead-letter queue after the allowed number of failures', async () => {
  await sendAll('poisoned', ['fails always']);
  await waitForLogs('poisoned', ['fails always 1']);
  expireVisibility();
  await waitForLogs('poisoned', ['fails always 2']);
  expireVisibility();
  await expect.poll(async () => (await messageIn('dead'))?.Body, WAIT).toBe('fails always');
  expect(host.logs('poisoned')).toEqual(['fails always 1', 'fails always 2']);
});

it('leaves the messages of a function that does not load to the dead-letter queue', async () => {
  await sendAll('unloadable', ['never seen']);
  const dead = async () => {
    expireVisibility();
    return (await messageIn('unloaded'))?.Body;
  };
  await expect.poll(dead, { ...WAIT, interval: 200 }).toBe('never seen');
});

it('delivers four hundred messages once each', async () => {
  const bodies = Array.from({ length: 400 }, (_, index) => `message ${index}`);
  await sendAll('many', bodies);
  await expect.poll(() => messageCount('many'), WAIT).toBe(0);
  expect(host.logs('many').sort()).toEqual(bodies.map((body) => `${body} 1`).sort());
});

it('delivers a delayed message after its delay', async () => {
  const QueueUrl = host.endpoints.queues['many']!;
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'late', DelaySeconds: 600 }));
  advance(599);
  // The poller takes this message, and would have taken the delayed one before it.
  await sendAll('many', ['prompt']);
  await waitForLogs('many', ['prompt 1']);
  expect(host.logs('many')).not.toContain('late 1');
  advance(2);
  await waitForLogs('many', ['late 1']);
});
