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

/** Long polls are kept short: one that is broken off swallows the next message, so that a stop waits for them to end. */
const POLL_SECONDS = 1;
/** Batches of one queue at a time, unless the template says fewer. While all are at work, the next batch fills up. */
const CONCURRENT_BATCHES_MAX = THREADS_MAX_DEFAULT;
/** Pause after a poll that failed. */
const RETRY_AFTER_MS = 200;
/** How long a stop waits for the last poll and for batches at work; what is left is delivered again, as after any lost sandbox. */
const STOP_TIMEOUT_MS = 1_200;

/** A queue that triggers a function, until it is stopped. */
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
 * Polls a queue for a function as Lambda does: whole batches, the successes deleted, the failures left until their
 * visibility timeout ends. One poller a queue, as one message wakes all who wait.
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
    // Lambda polls as the function: what its role may not do, its event source cannot either.
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
  /** Its messages are deleted while the next batch is at work already. */
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
      const late = new Promise((done) => {
        timer = setTimeout(done, STOP_TIMEOUT_MS);
      });
      await Promise.race([polling, late]);
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
  // A throttled batch returns to its queue, too. (Lambda tries it again until then, so that short throttling costs no delivery.)
  if ('error' in outcome) return;
  const done = succeeded(messages, outcome.result, settings);
  if (done.length === 0) return;
  const entries = done.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  // A deletion that fails only means that the messages come again, which every consumer has to bear.
  await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries })).catch(() => {});
}

/**
 * The messages that the function may be invoked with, and the trace of that invocation: of the longest chain among them; undefined where
 * there are none. Messages that would continue a recursive loop stay in the queue, as in Lambda: their receive count goes up until
 * the queue's redrive policy moves them to the dead-letter queue (source: Lambda guide, "Recursive loop detection").
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

/** As Lambda reads a batch's response: without the setting it is not looked at; a failure that names no message fails all. */
function succeeded(messages: Message[], result: unknown, { FunctionResponseTypes = [] }: Mapping): Message[] {
  if (!FunctionResponseTypes.includes('ReportBatchItemFailures')) return messages;
  const { batchItemFailures = [] } = (result ?? {}) as { batchItemFailures?: { itemIdentifier?: string }[] };
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  const known = new Set(messages.map(({ MessageId }) => MessageId));
  if ([...failed].some((id) => !known.has(id))) return [];
  return messages.filter(({ MessageId }) => !failed.has(MessageId));
}
