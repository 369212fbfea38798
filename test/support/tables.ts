import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { inject } from 'vitest';
import { createTables } from '../../infra/local/tables.ts';
import { registry } from '../../shared/suppliers/registry.ts';
// For the type of `inject`.
import type {} from './emulators.ts';

const QUEUES = ['imports', 'bulk-imports'] as const;

/**
 * Creates the template's tables and the imports' queues for one test file, with one open supplier. There is no host and no function: the
 * test calls the use cases in its own process, and time passes only as it says.
 *
 * @param own.dynamodb the endpoint of another DynamoDB than the shared one
 */
export async function startTestTables(own: { dynamodb?: string } = {}) {
  const { sqs: sqsEndpoint, credentials, tables, ...shared } = inject('emulators');
  const endpoint = own.dynamodb ?? shared.dynamodb;
  const suffix = randomUUID();
  const named = Object.entries(tables).map(([id, properties]) => ({
    id,
    name: `${id}-${suffix}`,
    properties,
  }));
  await createTables(
    endpoint,
    credentials,
    named.map(({ name, properties }) => ({ name, properties: () => properties })),
  );
  const settings = { region: 'ap-southeast-2', credentials };
  const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient({ ...settings, endpoint }));
  const sqs = new SQSClient({ ...settings, endpoint: sqsEndpoint });
  const queues: Record<string, string> = {};
  for (const name of QUEUES) {
    const created = await sqs.send(new CreateQueueCommand({ QueueName: `${name}-${suffix}` }));
    queues[name] = created.QueueUrl!;
  }
  const tableNames = Object.fromEntries(named.map(({ id, name }) => [id, name]));
  const registered = registry(dynamodb, tableNames['registry']!);
  await registered.putSupplier({ code: 'TEST_SUPPLIER', migration: 'open' });
  return {
    dynamodb,
    sqs,
    registered,
    endpoints: { tables: tableNames, queues },
    /** Receives and deletes all visible messages of a queue. Returns their bodies. */
    async received(queue: (typeof QUEUES)[number]): Promise<string[]> {
      const QueueUrl = queues[queue]!;
      const bodies: string[] = [];
      for (;;) {
        const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 });
        const { Messages = [] } = await sqs.send(receive);
        if (Messages.length === 0) return bodies;
        for (const { Body, ReceiptHandle } of Messages) {
          bodies.push(Body!);
          await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        }
      }
    },
    stop() {
      dynamodb.destroy();
      sqs.destroy();
    },
  };
}
/** What tests of use cases need: these tables, or those of a host. */
export type TestTables = Pick<Awaited<ReturnType<typeof startTestTables>>, 'dynamodb' | 'registered'> & {
  endpoints: { tables: Record<string, string> };
};
