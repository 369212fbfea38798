import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Credentials } from './access/credentials.ts';
import { type HostedFunction, THREADS_MAX_DEFAULT } from './functions.ts';
import { CHAIN_INVOCATIONS_MAX, type Trace, traceOf } from './recursion.ts';
import { REGION, type Resource, UnsupportedTemplate } from './resource.ts';

/** Duration of a long poll. An aborted poll would lose the next message, so stopping waits for the current poll. */
const POLL_SECONDS = 1;
/** Maximum of concurrent batches of a queue, unless the template's is lower. */
const CONCURRENT_BATCHES_MAX = THREADS_MAX_DEFAULT;
/** Delay after a failed poll. */
const RETRY_AFTER_MS = 200;
/** How long a stop waits for the last poll and for batches in flight. Messages of unfinished batches are redelivered. */
const STOP_TIMEOUT_MS = 1_200;

/** A running event source mapping from a queue to a function. */
export type EventSource = { stop(): Promise<void> };

type Mapping = {
  BatchSize?: number;
  EventSourceArn: string;
  FunctionName: string;
  FunctionResponseTypes?: string[];
  ScalingConfig?: { MaximumConcurrency: number };
};
type Source = { client: SQSClient; queueUrl: string; arn: string; settings: Mapping; target: HostedFunction };

/**
 * Starts an event source mapping: polls the queue and invokes the function with batches, as Lambda does. Processed messages are deleted;
 * failed ones are redelivered after their visibility timeout. A queue has one poller, because a message ends all waiting polls.
 *
 * @throws UnsupportedTemplate for a source that is not a queue, or an unknown function
 */
export function startEventSource(
  mapping: Resource,
  functionOf: (reference: string) => HostedFunction | undefined,
  queues: { endpoint: string; queueUrl(name: string): string },
  credentials: Readonly<Record<string, Credentials>>,
): EventSource {
  const settings = mapping.properties() as Mapping;
  const target = functionOf(settings.FunctionName);
  const [, , service, , , queueName] = settings.EventSourceArn.split(':');
  if (target === undefined || service !== 'sqs') {
    throw new UnsupportedTemplate(`The local host cannot serve the event source ${mapping.logicalId}.`);
  }
  const client = new SQSClient({
    endpoint: queues.endpoint,
    region: REGION,
    // Lambda polls with the function's role.
    credentials: credentials[target.resource.id]!,
  });
  const queueUrl = queues.queueUrl(queueName!);
  return poll({ client, queueUrl, arn: settings.EventSourceArn, settings, target });
}

function poll(source: Source): EventSource {
  const concurrencyMax = Math.min(
    source.settings.ScalingConfig?.MaximumConcurrency ?? CONCURRENT_BATCHES_MAX,
    CONCURRENT_BATCHES_MAX,
  );
  const inFlight = new Set<Promise<void>>();
  let invocations = 0;
  let isStopped = false;
  let resume = () => {};
  /** Called after the invocation. The next batch starts while the messages of this one are deleted. */
  const onInvoked = () => {
    invocations -= 1;
    resume();
  };
  const polling = (async () => {
    while (!isStopped) {
      const messages = await receive(source);
      if (messages.length === 0) continue;
      invocations += 1;
      const batch: Promise<void> = deliver(source, messages, onInvoked).finally(() => inFlight.delete(batch));
      inFlight.add(batch);
      if (invocations < concurrencyMax) continue;
      await new Promise<void>((done) => {
        resume = done;
      });
    }
    await Promise.all(inFlight);
  })();
  return {
    async stop() {
      isStopped = true;
      resume();
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise((done) => {
        timer = setTimeout(done, STOP_TIMEOUT_MS);
      });
      await Promise.race([polling, timeout]);
      clearTimeout(timer);
      source.client.destroy();
    },
  };
}

async function receive({ client, queueUrl, settings }: Source): Promise<Message[]> {
  try {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: Math.min(settings.BatchSize ?? 10, 10),
        WaitTimeSeconds: POLL_SECONDS,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    );
    return Messages;
  } catch {
    await new Promise((done) => setTimeout(done, RETRY_AFTER_MS));
    return [];
  }
}

async function deliver(
  { client, queueUrl, arn, settings, target }: Source,
  received: Message[],
  onInvoked: () => void,
): Promise<void> {
  const { messages, trace } = withoutLoops(target.resource, received);
  if (trace === undefined) return onInvoked();
  const records = messages.map((message) => ({
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: message.MessageAttributes ?? {},
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: arn,
    awsRegion: REGION,
  }));
  const outcome = await target.invoke({ Records: records }, trace).finally(onInvoked);
  // A throttled batch returns to the queue, too. (Lambda retries it until then, so short throttling does not count as a delivery.)
  if ('error' in outcome) return;
  const done = succeeded(messages, outcome.result, settings);
  if (done.length === 0) return;
  const entries = done.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  // After a failed deletion the messages are redelivered. Consumers are idempotent.
  await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries })).catch(() => {});
}

/**
 * Removes messages that would continue a recursive loop, as Lambda does. They stay in the queue, and their receive count grows until the
 * redrive policy moves them to the dead-letter queue (source: Lambda guide, "Recursive loop detection").
 *
 * @returns the remaining messages, and the trace of the longest chain among them; undefined if no message remains
 */
export function withoutLoops(
  resource: Resource,
  received: readonly Message[],
): { messages: Message[]; trace: Trace | undefined } {
  const isLoopAllowed = resource.properties()['RecursiveLoop'] === 'Allow';
  const traced = received.map((message) => ({
    message,
    trace: traceOf(resource.name, message.Attributes?.AWSTraceHeader),
  }));
  const [stopped, continued] = [true, false].map((isStopped) =>
    traced.filter(({ trace }) => isStopped === (!isLoopAllowed && trace.invocations > CHAIN_INVOCATIONS_MAX)),
  ) as [typeof traced, typeof traced];
  if (stopped.length > 0) {
    console.error(
      `Recursive loop: ${resource.id} was invoked ${CHAIN_INVOCATIONS_MAX} times in one chain of requests; ` +
        `${stopped.length} message(s) that continue it are not delivered.`,
    );
  }
  const traces = continued.map(({ trace }) => trace).sort((a, b) => b.invocations - a.invocations);
  return { messages: continued.map(({ message }) => message), trace: traces[0] };
}

/** Returns the processed messages by the function's partial batch response. As in Lambda, an unknown identifier fails the whole batch. */
function succeeded(messages: Message[], result: unknown, { FunctionResponseTypes = [] }: Mapping): Message[] {
  if (!FunctionResponseTypes.includes('ReportBatchItemFailures')) return messages;
  const { batchItemFailures = [] } = (result ?? {}) as { batchItemFailures?: { itemIdentifier?: string }[] };
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  const known = new Set(messages.map(({ MessageId }) => MessageId));
  if ([...failed].some((id) => !known.has(id))) return [];
  return messages.filter(({ MessageId }) => !failed.has(MessageId));
}
