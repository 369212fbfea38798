import {
  BatchGetCommand,
  type BatchGetCommandOutput,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { noneIfLost, unlessLost } from '../aws/conditional-write.ts';
import {
  type ImportError,
  type ImportKey,
  ImportProcess,
  ImportStatus,
  importId,
  Lane,
} from './import-process.ts';

/** How an import process ends: its status, and what came of it. */
export type Ending =
  | { status: 'PROCESSED'; krakenIdentifier: string }
  | { status: 'DRY_RUN_SUCCEEDED' }
  | { status: 'ERRORED' | 'DRY_RUN_ERRORED'; error: ImportError };

/** Who works on which attempt of an import, until when (epoch ms). */
export type Claim = { key: ImportKey; attempt: number; claim: string; now: number; leaseUntil: number };

/** The sparse index of imports that still need work: by supplier and shard, soonest due first. */
export const DUE_INDEX = 'due';
const DuePage = v.array(
  v.object({ id: v.string(), due_at: v.number(), attempt: v.number(), lane: v.optional(Lane, 'endpoint') }),
);
const StatusPage = v.array(v.object({ id: v.string(), status: ImportStatus }));
export type DueImport = v.InferOutput<typeof DuePage>[number];

export type ImportStore = ReturnType<typeof importStore>;

/**
 * The `import-processes` table. Each method answers one question or makes one conditional write; losing the condition is
 * an answer, never an exception, since redelivery and races are normal here. Reads are strongly consistent.
 */
export function importStore(client: DynamoDBDocumentClient, table: string) {
  const keyOf = (key: ImportKey) => ({ TableName: table, Key: { id: importId(key) } });

  return {
    async get(key: ImportKey): Promise<ImportProcess | undefined> {
      const { Item } = await client.send(new GetCommand({ ...keyOf(key), ConsistentRead: true }));
      return Item === undefined ? undefined : v.parse(ImportProcess, Item);
    },

    /** The statuses of imports, in their order; undefined where there is none. At most 100; what was just written may be missed. */
    async statuses(keys: readonly ImportKey[]): Promise<(ImportStatus | undefined)[]> {
      const found = new Map<string, ImportStatus>();
      let Keys: Record<string, unknown>[] | undefined = keys.map((key) => ({ id: importId(key) }));
      while (Keys !== undefined && Keys.length > 0) {
        const names = { '#status': 'status' };
        const asked = { Keys, ProjectionExpression: 'id, #status', ExpressionAttributeNames: names };
        const answer: BatchGetCommandOutput = await client.send(
          new BatchGetCommand({ RequestItems: { [table]: asked } }),
        );
        for (const { id, status } of v.parse(StatusPage, answer.Responses?.[table] ?? []))
          found.set(id, status);
        Keys = answer.UnprocessedKeys?.[table]?.Keys;
      }
      return keys.map((key) => found.get(importId(key)));
    },

    /** Writes a record in place of what was read (`undefined`: of none). False: somebody else was first. */
    write(record: ImportProcess, replaces: ImportProcess | undefined): Promise<boolean> {
      const condition =
        replaces === undefined
          ? { ConditionExpression: 'attribute_not_exists(id)' }
          : {
              ConditionExpression: 'revision = :read',
              ExpressionAttributeValues: { ':read': replaces.revision },
            };
      return unlessLost(client.send(new PutCommand({ TableName: table, Item: record, ...condition })));
    },

    /**
     * Takes an import that may start now, or whose lease has run out. Answers the record as it was before, with what to
     * create, or undefined: it is not there to be taken (ask {@link ImportStore.get} why).
     */
    async claim({ key, attempt, claim, now, leaseUntil }: Claim): Promise<ImportProcess | undefined> {
      const update = new UpdateCommand({
        ...keyOf(key),
        ConditionExpression: `attempt = :attempt AND (
          (#status = :pending AND (attribute_not_exists(window_start) OR window_start <= :now))
          OR (#status = :in_progress AND lease_until <= :now))`,
        UpdateExpression: `SET #status = :in_progress, claim = :claim, lease_until = :lease_until, modified_at = :now
          ADD revision :one`,
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: {
          ':attempt': attempt,
          ':pending': 'PENDING' satisfies ImportStatus,
          ':in_progress': 'IN_PROGRESS' satisfies ImportStatus,
          ':claim': claim,
          ':lease_until': leaseUntil,
          ':now': now,
          ':one': 1,
        },
        ReturnValues: 'ALL_OLD',
      });
      const answer = await noneIfLost(client.send(update));
      return answer === undefined ? undefined : v.parse(ImportProcess, answer.Attributes);
    },

    /** Ends an import on one's own claim. False: the claim was lost in between. */
    finish({ key, claim, now }: Pick<Claim, 'key' | 'claim' | 'now'>, ending: Ending): Promise<boolean> {
      return unlessLost(
        client.send(
          new UpdateCommand({
            ...keyOf(key),
            ConditionExpression: '#status = :in_progress AND claim = :claim',
            ...endingUpdate(ending, now, { ':in_progress': 'IN_PROGRESS', ':claim': claim }),
          }),
        ),
      );
    },

    /** Ends an import that nobody holds, as it was read. False: it changed since. */
    abandon(read: ImportProcess, ending: Ending, now: number): Promise<boolean> {
      return unlessLost(
        client.send(
          new UpdateCommand({
            TableName: table,
            Key: { id: read.id },
            ConditionExpression: 'revision = :read',
            ...endingUpdate(ending, now, { ':read': read.revision }),
          }),
        ),
      );
    },

    /** The imports of one `due` partition that are due by then (epoch ms), soonest first: at most `limit`. */
    async due(shard: string, by: number, limit: number): Promise<DueImport[]> {
      const query = new QueryCommand({
        TableName: table,
        IndexName: DUE_INDEX,
        KeyConditionExpression: 'due_shard = :shard AND due_at <= :by',
        ExpressionAttributeValues: { ':shard': shard, ':by': by },
        Limit: limit,
      });
      const { Items } = await client.send(query);
      return v.parse(DuePage, Items ?? []);
    },

    /** Has the sweeper come back later (epoch ms). False: the import ended, or was submitted again, in between. */
    postpone({ id, due_at }: DueImport, dueAt: number): Promise<boolean> {
      const update = new UpdateCommand({
        TableName: table,
        Key: { id },
        ConditionExpression: 'due_at = :due_at',
        UpdateExpression: 'SET due_at = :later',
        ExpressionAttributeValues: { ':due_at': due_at, ':later': dueAt },
      });
      return unlessLost(client.send(update));
    },
  };
}

/** What every ending writes: the status and its reason, and nothing left that says it needs work. */
function endingUpdate(ending: Ending, now: number, conditionValues: Record<string, unknown>) {
  const removed = ['due_at', 'due_shard', 'claim', 'lease_until'];
  const set = ['#status = :status', 'modified_at = :now'];
  const values: Record<string, unknown> = {
    ':status': ending.status,
    ':now': now,
    ':one': 1,
    ...conditionValues,
  };
  if (ending.status === 'PROCESSED') {
    set.push('kraken_identifier = :kraken_identifier');
    values[':kraken_identifier'] = ending.krakenIdentifier;
    // What was created is kept with the supply point.
    removed.push('payload');
  }
  if ('error' in ending) {
    set.push('latest_error = :error');
    values[':error'] = ending.error;
  } else {
    removed.push('latest_error');
  }
  return {
    UpdateExpression: `SET ${set.join(', ')} REMOVE ${removed.join(', ')} ADD revision :one`,
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: values,
  };
}
