import { type DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { HistoryEntry, ImportStatus, importKey } from '../../shared/imports/model/import-process.ts';
import { listingPartitions } from '../../shared/imports/model/listing.ts';
import { importIndex } from '../../shared/imports/storage/import-index.ts';

type Tables = { dynamodb: DynamoDBDocumentClient; tables: Record<string, string> };
/** The contents of the tables after a soak, in numbers. */
export type TableCounts = {
  imports: number;
  byStatus: Record<string, number>;
  errors: Record<string, number>;
  /** Claims beyond the first of an attempt: an earlier worker died. */
  reclaimed: number;
  resent: number;
  /** Imports whose history has more final statuses than attempts. */
  finishedTwice: number;
  supplyPoints: number;
  /** Supply points without a processed import, and processed imports without a supply point. */
  mismatched: number;
};

/** The most entries that a poll reads of each partition: it needs only to detect none or few. */
const PARTITION_READ_MAX = 25;

/** The number of a supplier's unfinished imports. At most 25 are counted in each of the 24 partitions. */
export async function openImports({ dynamodb, tables }: Tables, supplier: string): Promise<number> {
  const index = importIndex(dynamodb, tables['import-processes']!, { keptDays: undefined, clock: Date.now });
  const partitions = (['OPEN', 'SLOW', 'WAITING'] as const).flatMap((kind) =>
    listingPartitions(supplier, kind),
  );
  const found = await Promise.all(
    partitions.map((partition) => index.unfinished(partition, Date.now(), { limit: PARTITION_READ_MAX })),
  );
  return found.reduce((sum, { entries }) => sum + entries.length, 0);
}

const Counted = v.object({
  id: v.string(),
  status: ImportStatus,
  attempt: v.number(),
  kraken_identifier: v.optional(v.string()),
  latest_error: v.optional(v.object({ code: v.string() })),
  history: v.array(HistoryEntry),
});
const ENDS = new Set(['p', 'e', 'd', 'f', 'c']);

/** Counts all imports and supply points by scanning the tables. */
export async function countTables({ dynamodb, tables }: Tables): Promise<TableCounts> {
  const found: TableCounts = {
    imports: 0,
    byStatus: {},
    errors: {},
    reclaimed: 0,
    resent: 0,
    finishedTwice: 0,
    supplyPoints: 0,
    mismatched: 0,
  };
  const krakenIdentifiers = new Map<string, string>();
  for await (const item of scan(dynamodb, tables['import-processes']!)) {
    const record = v.parse(Counted, item);
    found.imports += 1;
    count(found.byStatus, record.status);
    if (record.latest_error !== undefined) count(found.errors, record.latest_error.code);
    const times = (code: string) => record.history.filter(({ e }) => e === code).length;
    found.reclaimed += Math.max(0, times('t') - record.attempt);
    found.resent += times('a');
    if (record.history.filter(({ e }) => ENDS.has(e)).length > record.attempt) found.finishedTwice += 1;
    if (record.kraken_identifier !== undefined)
      krakenIdentifiers.set(importKey(record.id).externalIdentifier, record.kraken_identifier);
  }
  for await (const { identifier, kraken_identifier } of scan(dynamodb, tables['supply-points']!)) {
    found.supplyPoints += 1;
    if (krakenIdentifiers.get(String(identifier)) !== kraken_identifier) found.mismatched += 1;
    krakenIdentifiers.delete(String(identifier));
  }
  found.mismatched += krakenIdentifiers.size;
  return found;
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

async function* scan(client: DynamoDBDocumentClient, table: string): AsyncGenerator<Record<string, unknown>> {
  let from: Record<string, unknown> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({ TableName: table, ExclusiveStartKey: from, ConsistentRead: true }),
    );
    yield* page.Items ?? [];
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
}
