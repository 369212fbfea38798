import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { type ImportKey, importId } from '../../shared/imports/model/import-process.ts';
import { STARTED_MS_MIN, STARTS_MAX } from '../../shared/imports/model/starts.ts';
import type { TestTables } from './tables.ts';

/** Sets an import's record to the most starts over the longest time: the next worker or dead letter finishes it. */
export async function useUpStarts(host: TestTables, key: ImportKey): Promise<void> {
  const update = new UpdateCommand({
    TableName: host.endpoints.tables['import-processes']!,
    Key: { id: importId(key) },
    ConditionExpression: 'attribute_exists(id)',
    UpdateExpression: 'SET starts = :starts, started_at = :started_at',
    ExpressionAttributeValues: { ':starts': STARTS_MAX, ':started_at': Date.now() - STARTED_MS_MIN },
  });
  await host.dynamodb.send(update);
}
