import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DeleteMessageCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { vi } from 'vitest';
import { startEmulators } from '../../infra/local/emulators/start.ts';
import { withoutLoops } from '../../infra/local/event-sources.ts';
import { traceOf } from '../../infra/local/recursion.ts';
import { functionNameOf, REGION, type Resource } from '../../infra/local/resource.ts';
import { importQueue } from '../../shared/imports/storage/queue.ts';
import { importStore } from '../../shared/imports/storage/store.ts';
import { registry } from '../../shared/suppliers/registry.ts';
import { supplyPointStore } from '../../shared/supply-points/store.ts';
import { FOREVER } from '../support/lifetime.ts';
import { Calls } from './calls.ts';

/** An HTTP function's response; undefined if the function crashed or failed. */
export type SimulatedResponse = { status: number; body: Record<string, unknown> } | undefined;

export type Simulation = Awaited<ReturnType<typeof startSimulation>>;

/** The registered import suppliers, both open. */
export const SUPPLIERS = ['TEST_SUPPLIER', 'OTHER_SUPPLIER'] as const;

/** The clock's first step: longer than the imports' visibility timeout. */
const STEP_SECONDS = 61;
const STEP_DOUBLINGS_MAX = 5;
const ROUNDS_MAX = 60;

/** The Lambda context's remaining time. The clock does not move while a function runs. */
const REMAINING_MS = 20_000;

/**
 * Runs the template's tables, queues and buckets on the emulators, and the functions' real handlers in this process, where their
 * AWS calls can be made to fail. Nothing runs by itself: the caller delivers messages, runs the sweeper and moves the clock.
 */
export async function startSimulation(assembly: string) {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-03-02T01:00:00Z') });
  const calls = new Calls();
  const emulators = await startEmulators({ assembly, stackName: 'supply-point-import-dev' });
  const { resourcesOf: of, namesOf, keys, sqsAndS3 } = emulators;
  const { queueUrl } = sqsAndS3;

  suppressMetrics();
  Object.assign(process.env, {
    ...environmentOf(of('AWS::Lambda::Function')),
    AWS_REGION: REGION,
    // The SDK sends the invocation's trace header (calls.ts) only if this is set.
    AWS_LAMBDA_FUNCTION_NAME: 'any',
    AWS_ACCESS_KEY_ID: keys.operator.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.operator.secretAccessKey,
    ...emulators.variables,
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  });
  const clients = {
    dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient({})),
    sqs: new SQSClient({}),
    s3: new S3Client({ forcePathStyle: true }),
  };
  const mappings = of('AWS::Lambda::EventSourceMapping').map((mapping) => mappingOf(mapping, of));

  const tableNames = namesOf('AWS::DynamoDB::Table');
  const queueNames = namesOf('AWS::SQS::Queue');
  const registered = registry(clients.dynamodb, tableNames['registry']!);
  for (const code of SUPPLIERS) await registered.putSupplier({ code, migration: 'open' });
  const advance = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000);

  // Loaded first: otherwise the order of calls would depend on the time that loading takes.
  const handlers = new Map<string, Handler>();
  for (const { id } of of('AWS::Lambda::Function')) {
    // It makes no AWS calls, and reads files that only its bundle has.
    if (id !== 'site') handlers.set(id, (await import(`../../functions/${id}.ts`)).handler);
  }
  const invoke = async (name: string, event: unknown, trace = traceOf(name, undefined)): Promise<unknown> => {
    const handler = handlers.get(name)!;
    const context = { awsRequestId: randomUUID(), getRemainingTimeInMillis: () => REMAINING_MS };
    return calls.run(name, () => handler(event, context), trace.header);
  };

  const deliver = async (): Promise<number> => {
    let delivered = 0;
    for (const { queue, target, batchSize } of mappings) {
      if (sqsAndS3.messagesOf(queue) === 0) continue;
      const received = await receive(clients.sqs, queueUrl(queue), batchSize);
      delivered += received.length;
      const { messages, trace } = withoutLoops(target, received);
      if (trace === undefined) continue;
      const records = messages.map((message) => ({
        messageId: message.MessageId,
        receiptHandle: message.ReceiptHandle,
        attributes: message.Attributes,
        body: message.Body,
      }));
      const result = await invoke(target.id, { Records: records }, trace).catch(() => undefined);
      await settleBatch(clients.sqs, queueUrl(queue), messages, result);
    }
    return delivered;
  };
  /** The number of messages in all queues, including invisible and delayed ones. */
  const waiting = (): number => mappings.reduce((sum, { queue }) => sum + sqsAndS3.messagesOf(queue), 0);

  return {
    calls,
    clients,
    invoke,
    tables: tableNames,
    buckets: namesOf('AWS::S3::Bucket'),
    events: emulators.eventBridge.events,
    registered,
    /** Sends a second copy of an import's message, as SQS's at-least-once delivery may. */
    async duplicate(externalIdentifier: string, attempt: number): Promise<void> {
      const queue = importQueue(clients.sqs, queueUrl(queueNames['imports']!));
      const key = { importSupplier: SUPPLIERS[0], externalIdentifier };
      await queue.send([{ key, attempt, delaySeconds: 0 }]);
    },
    /** Sends an import's message to the dead-letter queue, as SQS does after 1,000 receives. */
    async deadLetter(externalIdentifier: string, attempt: number): Promise<void> {
      const queue = importQueue(clients.sqs, queueUrl(queueNames['imports-dead-letter']!));
      const key = { importSupplier: SUPPLIERS[0], externalIdentifier };
      await queue.send([{ key, attempt, delaySeconds: 0 }]);
    },
    imports: importStore(clients.dynamodb, tableNames['import-processes']!, FOREVER),
    supplyPoints: supplyPointStore(clients.dynamodb, tableNames['supply-points']!, FOREVER),
    advance,
    /** The time in so many seconds, in the API's format. */
    inSeconds: (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString(),

    /** Invokes an HTTP function directly, as an authorized caller. */
    async request(name: string, request: Parameters<typeof httpEvent>[0]): Promise<SimulatedResponse> {
      const answer = (await invoke(name, httpEvent(request)).catch(() => undefined)) as
        | { statusCode: number; body: string }
        | undefined;
      return answer && { status: answer.statusCode, body: JSON.parse(answer.body) };
    },

    /** Delivers the visible messages of every queue to its function once, as Lambda does. Returns their number. */
    deliver,

    /** Delivers messages, runs the sweeper and moves the clock until the queues are empty and `isDone` holds. Throws after `roundsMax` rounds. */
    async settle(isDone: () => Promise<boolean>, roundsMax = ROUNDS_MAX): Promise<void> {
      for (let round = 0; round < roundsMax; round += 1) {
        while ((await deliver()) > 0);
        if (waiting() === 0 && (await isDone())) return;
        // With messages left, up to their redelivery; otherwise in doubling steps, up to the next window.
        advance(waiting() > 0 ? STEP_SECONDS : STEP_SECONDS * 2 ** Math.min(round, STEP_DOUBLINGS_MAX));
        await invoke('sweeper', {}).catch(() => undefined);
      }
      throw new Error(`Not settled after ${roundsMax} rounds.`);
    },

    async stop() {
      for (const client of Object.values(clients)) client.destroy();
      await emulators.stop();
      calls.restore();
      vi.useRealTimers();
    },
  };
}

type Handler = (event: unknown, context: object) => Promise<unknown>;

/** Suppresses the metrics that functions write to standard output. */
function suppressMetrics(): void {
  const { write } = process.stdout;
  process.stdout.write = ((chunk: string, ...rest: never[]) =>
    String(chunk).startsWith('{"_aws"') || write.call(process.stdout, chunk, ...rest)) as typeof write;
}

function environmentOf(functions: readonly Resource[]): Record<string, string> {
  const all = functions.map((resource) => {
    const { Variables = {} } = (resource.properties()['Environment'] ?? {}) as {
      Variables?: Record<string, string>;
    };
    return Variables;
  });
  return Object.assign({}, ...all);
}

function mappingOf(mapping: Resource, of: (type: string) => Resource[]) {
  const { EventSourceArn, FunctionName, BatchSize } = mapping.properties() as Record<string, string>;
  const target = of('AWS::Lambda::Function').find(({ name }) => name === functionNameOf(FunctionName!))!;
  return {
    queue: EventSourceArn!.split(':').at(-1)!,
    target,
    batchSize: Math.min(Number(BatchSize), 10),
  };
}

function httpEvent(request: {
  method: string;
  resource?: string;
  parameters?: Record<string, string>;
  query?: Record<string, string>;
  body?: unknown;
  role?: string;
  suppliers?: Record<string, 'open' | 'closed'>;
}): object {
  const { role = 'operator', suppliers = { TEST_SUPPLIER: 'open', OTHER_SUPPLIER: 'open' } } = request;
  return {
    httpMethod: request.method,
    resource: request.resource ?? '/',
    path: '/',
    headers: { 'Content-Type': 'application/json' },
    pathParameters: request.parameters ?? null,
    queryStringParameters: request.query ?? null,
    multiValueQueryStringParameters: Object.fromEntries(
      Object.entries(request.query ?? {}).map(([name, value]) => [name, [value]]),
    ),
    requestContext: {
      requestId: randomUUID(),
      authorizer: { role, suppliers: JSON.stringify(suppliers) },
    },
    body: request.body === undefined ? null : JSON.stringify(request.body),
    isBase64Encoded: false,
  };
}

async function receive(client: SQSClient, queueUrl: string, most: number): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: most,
    MessageSystemAttributeNames: ['All'],
  });
  return (await client.send(command)).Messages ?? [];
}

/** Deletes the messages that the function processed. SQS redelivers the others after the visibility timeout. */
async function settleBatch(
  client: SQSClient,
  queueUrl: string,
  messages: readonly Message[],
  result: unknown,
): Promise<void> {
  if (result === undefined) return;
  const { batchItemFailures = [] } = result as { batchItemFailures?: { itemIdentifier: string }[] };
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  for (const { MessageId, ReceiptHandle } of messages) {
    if (failed.has(MessageId!)) continue;
    await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
  }
}
