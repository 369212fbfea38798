import { SQSClient } from '@aws-sdk/client-sqs';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Lifetime } from '../../shared/aws/lifetime.ts';
import { validateCreateRequest } from '../../shared/contract/request.ts';
import { importIndex } from '../../shared/imports/storage/import-index.ts';
import { importQueue } from '../../shared/imports/storage/queue.ts';
import { importStore } from '../../shared/imports/storage/store.ts';
import { sweptRecords } from '../../shared/imports/storage/swept-records.ts';
import { submitImport } from '../../shared/imports/use-cases/submit-import.ts';
import { supplyPointStore } from '../../shared/supply-points/store.ts';
import { FOREVER } from '../support/lifetime.ts';
import { guideRequest } from '../support/requests.ts';
import type { TestTables } from '../support/tables.ts';

export const keyOf = (externalIdentifier: string) => ({
  importSupplier: 'TEST_SUPPLIER',
  externalIdentifier,
});

/** A worker's run at `now` (epoch ms), whose lease is 20 seconds. */
export const run = (now: number, claim: string) => ({ now, claim, leaseUntil: now + 20_000 });

/** The real stores on these tables, and an unreachable queue: the test is the only worker. */
export function storesOf(host: TestTables, lifetime: Lifetime = FOREVER) {
  const table = host.endpoints.tables['import-processes']!;
  const imports = importStore(host.dynamodb, table, lifetime);
  const nowhere = importQueue(
    new SQSClient({
      endpoint: 'http://127.0.0.1:9',
      region: 'x',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    }),
    'http://127.0.0.1:9/0/none',
  );
  const supplyPoints = supplyPointStore(host.dynamodb, host.endpoints.tables['supply-points']!, lifetime);
  return {
    imports,
    /** What a worker needs. */
    stores: { imports, supplyPoints, suppliers: host.registered },
    index: importIndex(host.dynamodb, table, lifetime),
    swept: sweptRecords(host.dynamodb, table),
    supplyPoints,
    nowhere,
    /** Submits the guide's example with this identifier and these task parameters. */
    async submit(identifier: string, now: number, taskParameters: Record<string, unknown> = {}) {
      const suppliers = new Map([['TEST_SUPPLIER', 'open' as const]]);
      const checked = validateCreateRequest(guideRequest({ identifier, taskParameters }), suppliers, now);
      if (!checked.valid) throw new Error(JSON.stringify(checked.errors));
      const submit = submitImport({ store: imports, queue: nowhere });
      return submit(checked.data.payload, checked.data.taskParameters, now);
    },
    /** A record of the table. */
    async item(identifier: string): Promise<Record<string, unknown> | undefined> {
      const Key = { id: `TEST_SUPPLIER#${identifier}` };
      return (await host.dynamodb.send(new GetCommand({ TableName: table, Key }))).Item;
    },
  };
}
