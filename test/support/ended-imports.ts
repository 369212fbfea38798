import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { LocalHost } from '../../infra/local/host.ts';
import { importError } from '../../shared/imports/model/import-errors.ts';
import { type ImportProcess, importId } from '../../shared/imports/model/import-process.ts';
import { listingOf } from '../../shared/imports/model/listing.ts';
import { mapConcurrently } from '../../shared/map-concurrently.ts';

const IMPORT_SUPPLIER = 'TEST_SUPPLIER';
const WEEK_MS = 7 * 24 * 3_600_000;

/** Writes the records of imports that ended in the last week, as workers leave them: one in ten errored. 100,000 take half a minute. */
export async function addEndedImports(
  { endpoints: { dynamodb, credentials, tables } }: Pick<LocalHost, 'endpoints'>,
  count: number,
): Promise<void> {
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({ region: 'ap-southeast-2', endpoint: dynamodb, credentials }),
  );
  const now = Date.now();
  const batches = Array.from({ length: Math.ceil(count / 25) }, (_, batch) => batch * 25);
  await mapConcurrently(batches, 8, async (start) => {
    const items = Array.from({ length: Math.min(25, count - start) }, (_, number) =>
      endedImport(start + number, now - Math.floor((WEEK_MS * (count - start - number)) / count)),
    );
    const puts = items.map((Item) => ({ PutRequest: { Item } }));
    await client.send(new BatchWriteCommand({ RequestItems: { [tables['import-processes']!]: puts } }));
  });
  client.destroy();
}

function endedImport(number: number, at: number): ImportProcess {
  const key = { importSupplier: IMPORT_SUPPLIER, externalIdentifier: String(4_100_000_000 + number) };
  const isErrored = number % 10 === 0;
  return {
    id: importId(key),
    status: isErrored ? 'ERRORED' : 'PROCESSED',
    attempt: 1,
    revision: 3,
    created_at: at - 1000,
    modified_at: at,
    submitted_at: at - 1000,
    is_dry_run: false,
    ...(isErrored
      ? { latest_error: importError.migrationNotOngoing(IMPORT_SUPPLIER) }
      : { kraken_identifier: `0000-${number}` }),
    ...listingOf(isErrored ? 'ERRORED' : 'PROCESSED', key, at),
    started_at: at - 500,
    starts: 1,
    history: [
      { t: at - 1000, e: 's', a: 1 },
      { t: at - 500, e: 't', a: 1 },
      { t: at, e: isErrored ? 'e' : 'p', a: 1 },
    ],
  };
}
