import { type DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { importIndex } from '../../shared/imports/import-index.ts';
import { HistoryEntry, ImportStatus, importKey } from '../../shared/imports/import-process.ts';
import { listingPartitions } from '../../shared/imports/listing.ts';

type Tables = { dynamodb: DynamoDBDocumentClient; tables: Record<string, string> };
/** What the tables hold after a soak. */
export type Census = {
  imports: number;
  byStatus: Record<string, number>;
  errors: Record<string, number>;
  /** Runs that were begun after the first of their attempt: their worker had died. */
  takenOver: number;
  sentAgain: number;
  /** Imports whose history tells of more than one end. */
  endedTwice: number;
  supplyPoints: number;
  /** Supply points that no processed import explains, or processed imports without one. */
  unexplained: number;
};

/** Each poll reads so many of a partition at most: it is to tell whether there are any, and whether there are few. */
const PARTITION_READ_MAX = 25;

/** How many imports of a supplier have not ended; of more than 25 in one of 24 partitions, 25 are counted. */
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

/** Counts what became of all imports, in the tables themselves. */
export async function census({ dynamodb, tables }: Tables): Promise<Census> {
  const found: Census = {
    imports: 0,
    byStatus: {},
    errors: {},
    takenOver: 0,
    sentAgain: 0,
    endedTwice: 0,
    supplyPoints: 0,
    unexplained: 0,
  };
  const krakenIdentifiers = new Map<string, string>();
  for await (const item of scan(dynamodb, tables['import-processes']!)) {
    const record = v.parse(Counted, item);
    found.imports += 1;
    count(found.byStatus, record.status);
    if (record.latest_error !== undefined) count(found.errors, record.latest_error.code);
    const times = (code: string) => record.history.filter(({ e }) => e === code).length;
    found.takenOver += Math.max(0, times('t') - record.attempt);
    found.sentAgain += times('a');
    if (record.history.filter(({ e }) => ENDS.has(e)).length > record.attempt) found.endedTwice += 1;
    if (record.kraken_identifier !== undefined)
      krakenIdentifiers.set(importKey(record.id).externalIdentifier, record.kraken_identifier);
  }
  for await (const { identifier, kraken_identifier } of scan(dynamodb, tables['supply-points']!)) {
    found.supplyPoints += 1;
    if (krakenIdentifiers.get(String(identifier)) !== kraken_identifier) found.unexplained += 1;
    krakenIdentifiers.delete(String(identifier));
  }
  found.unexplained += krakenIdentifiers.size;
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
