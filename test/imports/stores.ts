import { SQSClient } from '@aws-sdk/client-sqs';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Lifetime } from '../../shared/aws/lifetime.ts';
import { validateCreateRequest } from '../../shared/contract/request.ts';
import { importError } from '../../shared/imports/model/import-errors.ts';
import type { ImportProcess, ImportStatus } from '../../shared/imports/model/import-process.ts';
import type { DropRowPlace } from '../../shared/imports/model/transitions.ts';
import { importIndex } from '../../shared/imports/storage/import-index.ts';
import { type ImportQueue, importQueue, type QueuedImport } from '../../shared/imports/storage/queue.ts';
import { type FinalState, importStore } from '../../shared/imports/storage/store.ts';
import { sweptRecords } from '../../shared/imports/storage/swept-records.ts';
import { recordSubmission, submitImport } from '../../shared/imports/use-cases/submit-import.ts';
import { krakenIdentifier } from '../../shared/supply-points/kraken-identifier.ts';
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

/** A final state with this status. */
export function finalState(status: FinalState['status'], identifier: string): FinalState {
  if (status === 'PROCESSED') return { status, krakenIdentifier: krakenIdentifier(identifier) };
  if (status === 'ERRORED' || status === 'DRY_RUN_ERRORED')
    return { status, error: importError.supplyPointAlreadyExists(identifier) };
  return { status };
}

/** A queue that keeps what is sent to it. */
export function keptQueue(): ImportQueue & { sent: QueuedImport[] } {
  const sent: QueuedImport[] = [];
  return {
    sent,
    async send(messages) {
      sent.push(...messages);
    },
  };
}

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
  const own = {
    imports,
    /** What a worker needs. */
    stores: { imports, supplyPoints, suppliers: host.registered },
    index: importIndex(host.dynamodb, table, lifetime),
    swept: sweptRecords(host.dynamodb, table),
    supplyPoints,
    nowhere,
    /** Submits the guide's example with this identifier and these task parameters. */
    async submit(identifier: string, now: number, taskParameters: Record<string, unknown> = {}) {
      const { payload, taskParameters: read } = example(identifier, now, taskParameters);
      return submitImport({ store: imports, queue: nowhere })(payload, read, now);
    },
    /** The same without a message, and optionally from a row of a drop. */
    async record(
      identifier: string,
      now: number,
      { taskParameters = {}, row }: { taskParameters?: Record<string, unknown>; row?: DropRowPlace } = {},
    ) {
      const { payload, taskParameters: read } = example(identifier, now, taskParameters);
      return recordSubmission(imports)(payload, read, now, row);
    },
    /** Creates an import and brings it to this status, all at `now`. Returns its record. */
    async importIn(status: ImportStatus, identifier: string, now: number): Promise<ImportProcess> {
      const key = keyOf(identifier);
      await own.record(identifier, now);
      if (status === 'IN_PROGRESS') await imports.claim({ key, attempt: 1, ...run(now, 'claim') });
      const record = (await imports.get(key))!;
      if (status === 'PENDING' || status === 'IN_PROGRESS') return record;
      return (await imports.finishUnclaimed(record, finalState(status, identifier), now))!;
    },
    /** A record of the table. */
    async item(identifier: string): Promise<Record<string, unknown> | undefined> {
      const Key = { id: `TEST_SUPPLIER#${identifier}` };
      return (await host.dynamodb.send(new GetCommand({ TableName: table, Key }))).Item;
    },
  };
  return own;
}

/** The guide's example, validated. */
function example(identifier: string, now: number, taskParameters: Record<string, unknown>) {
  const suppliers = new Map([['TEST_SUPPLIER', 'open' as const]]);
  const checked = validateCreateRequest(guideRequest({ identifier, taskParameters }), suppliers, now);
  if (!checked.valid) throw new Error(JSON.stringify(checked.errors));
  return checked.data;
}
