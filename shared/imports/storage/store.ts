import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { isConditionMet, undefinedIfConditionFailed } from '../../aws/conditional-write.ts';
import { expiry, ifAbsent, isExpired, type Lifetime } from '../../aws/lifetime.ts';
import { endEntry } from '../model/history.ts';
import {
  type HistoryEntry,
  type ImportError,
  type ImportKey,
  ImportProcess,
  type ImportStatus,
  importId,
  importKey,
} from '../model/import-process.ts';
import { classOfEnd, listingOf } from '../model/listing.ts';
import { batchGet } from './batch-get.ts';

/** A final status with its result. */
export type FinalState =
  | { status: 'PROCESSED'; krakenIdentifier: string }
  | { status: 'DRY_RUN_SUCCEEDED' | 'CANCELLED' }
  | { status: 'ERRORED' | 'DRY_RUN_ERRORED'; error: ImportError };

/** A run's claim of an import's attempt. Times are epoch ms. */
export type Claim = { key: ImportKey; attempt: number; claim: string; now: number; leaseUntil: number };

/** `claimed`: the import, if this run holds it. `found`: the import's record, whether or not it was claimed. */
export type ClaimResult = { claimed: ImportProcess | undefined; found: ImportProcess | undefined };

/** An import's status, and its error if it has one. */
const ImportState = v.pick(ImportProcess, ['status', 'latest_error']);
export type ImportState = v.InferOutput<typeof ImportState>;
const StatusPage = v.array(v.object({ id: v.string(), ...ImportState.entries }));

/**
 * Appends the list `:events` to the history, in the write that the events describe. (Source: DynamoDB developer guide, "Update
 * expressions", list_append. Unlike an index past the list's end, it works alike in every engine.)
 */
export const APPEND_EVENTS = 'history = list_append(history, :events)';

/**
 * Condition for a claim. It has no parentheses, because the local DynamoDB needs four milliseconds to parse them. AND binds
 * before OR.
 */
const CLAIMABLE = [
  'attempt = :attempt AND #status = :pending AND attribute_not_exists(window_start)',
  'attempt = :attempt AND #status = :pending AND window_start <= :now',
  'attempt = :attempt AND #status = :in_progress AND lease_until <= :now',
].join(' OR ');

export type ImportStore = ReturnType<typeof importStore>;

/**
 * The `import-processes` table. Each method answers one question or makes one conditional write. A failed condition is a return
 * value and not an exception, because redelivery and races are normal here. Reads are strongly consistent.
 *
 * A record's expiry is set by the write of its final status, and removed by a new attempt, which replaces the record. No record
 * expires before the supply point that its import created.
 *
 * The whole import of the guide's example costs 7 write units, because its item is smaller than one kilobyte: submission 1 + 1
 * for its entry in the `listing` index, claim 1 (the entry does not change), supply point 1, and final status 1 + 2, because
 * the entry moves to another partition.
 */
export function importStore(client: DynamoDBDocumentClient, table: string, lifetime: Lifetime) {
  const keyOf = (key: ImportKey) => ({ TableName: table, Key: { id: importId(key) } });

  const get = async (key: ImportKey): Promise<ImportProcess | undefined> => {
    const { Item } = await client.send(new GetCommand({ ...keyOf(key), ConsistentRead: true }));
    const found = v.parse(v.optional(ImportProcess), Item);
    return found === undefined || isExpired(lifetime, found) ? undefined : found;
  };

  return {
    get,

    /**
     * Returns the statuses and errors of at most 100 imports, in the order of the keys, and undefined for an unknown import.
     * Eventually consistent. A read unit depends on the item's size, so the errors cost nothing more.
     */
    async statuses(keys: readonly ImportKey[]): Promise<(ImportState | undefined)[]> {
      const items = await batchGet(client, table, keys.map(importId), {
        attributes: Object.keys(StatusPage.item.entries),
        consistent: false,
      });
      const found = new Map(v.parse(StatusPage, items).map(({ id, ...stated }) => [id, stated]));
      return keys.map((key) => found.get(importId(key)));
    },

    /**
     * Writes a record if the record that it replaces is unchanged, or absent (`undefined`). Returns false if a concurrent write
     * came first.
     */
    write(record: ImportProcess, replaces: ImportProcess | undefined): Promise<boolean> {
      const condition =
        replaces === undefined
          ? ifAbsent(lifetime, 'id')
          : {
              ConditionExpression: 'revision = :read',
              ExpressionAttributeValues: { ':read': replaces.revision },
            };
      return isConditionMet(client.send(new PutCommand({ TableName: table, Item: record, ...condition })));
    },

    /**
     * Claims an import that may start now, or whose lease has expired, and returns the new record. If it cannot be claimed,
     * returns the record found. If the SDK repeats a call whose response was lost, the repeat finds its own claim and returns
     * the import as claimed.
     */
    async claim({ key, attempt, claim, now, leaseUntil }: Claim): Promise<ClaimResult> {
      const update = new UpdateCommand({
        ...keyOf(key),
        ConditionExpression: CLAIMABLE,
        UpdateExpression: `SET #status = :in_progress, claim = :claim, lease_until = :lease_until, modified_at = :now,
          started_at = if_not_exists(started_at, :now), ${APPEND_EVENTS} ADD revision :one, starts :one`,
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: {
          ':attempt': attempt,
          ':pending': 'PENDING' satisfies ImportStatus,
          ':in_progress': 'IN_PROGRESS' satisfies ImportStatus,
          ':claim': claim,
          ':lease_until': leaseUntil,
          ':now': now,
          ':events': [{ t: now, e: 't', a: attempt }] satisfies HistoryEntry[],
          ':one': 1,
        },
        ReturnValues: 'ALL_NEW',
      });
      const answer = await undefinedIfConditionFailed(client.send(update));
      const found = answer === undefined ? await get(key) : v.parse(ImportProcess, answer.Attributes);
      return { claimed: found?.claim === claim ? found : undefined, found };
    },

    /**
     * Deletes a record if it is unchanged since it was read. With `undefined`, deletes an expired record if there is one.
     * Returns false if the record changed.
     */
    remove(key: ImportKey, read: ImportProcess | undefined): Promise<boolean> {
      const condition =
        read === undefined
          ? ifAbsent(lifetime, 'id')
          : {
              ConditionExpression: 'revision = :read',
              ExpressionAttributeValues: { ':read': read.revision },
            };
      return isConditionMet(client.send(new DeleteCommand({ ...keyOf(key), ...condition })));
    },

    /**
     * Writes a final status if this run still holds the claim. Returns false if the claim was lost, or if the SDK repeated a
     * successful call.
     */
    finish(own: Pick<Claim, 'key' | 'attempt' | 'claim' | 'now'>, finalState: FinalState): Promise<boolean> {
      return isConditionMet(
        client.send(
          new UpdateCommand({
            ...keyOf(own.key),
            ConditionExpression: '#status = :in_progress AND claim = :claim',
            ...finalStateUpdate(lifetime, own.key, own.attempt, finalState, own.now, {
              ':in_progress': 'IN_PROGRESS',
              ':claim': own.claim,
            }),
          }),
        ),
      );
    },

    /** Writes a final status if the revision is unchanged. Returns the new record, or undefined if it changed. */
    async finishUnclaimed(
      read: ImportProcess,
      finalState: FinalState,
      now: number,
    ): Promise<ImportProcess | undefined> {
      const update = new UpdateCommand({
        TableName: table,
        Key: { id: read.id },
        ConditionExpression: 'revision = :read',
        ...finalStateUpdate(lifetime, importKey(read.id), read.attempt, finalState, now, {
          ':read': read.revision,
        }),
        ReturnValues: 'ALL_NEW',
      });
      const answer = await undefinedIfConditionFailed(client.send(update));
      return answer === undefined ? undefined : v.parse(ImportProcess, answer.Attributes);
    },
  };
}

/**
 * Returns the update for a final status: the status, its result and expiry, and its position in the listing. Removes the
 * attributes of unfinished imports.
 */
function finalStateUpdate(
  lifetime: Lifetime,
  key: ImportKey,
  attempt: number,
  finalState: FinalState,
  now: number,
  conditionValues: Record<string, unknown>,
) {
  const error = 'error' in finalState ? finalState.error : undefined;
  const { listing, listed_at } = listingOf(classOfEnd(finalState.status, error), key, now);
  const removed = ['due_at', 'due_shard', 'claim', 'lease_until'];
  const set = ['#status = :status', 'modified_at = :now', 'listing = :listing', 'listed_at = :listed_at'];
  const values: Record<string, unknown> = {
    ':status': finalState.status,
    ':now': now,
    ':listing': listing,
    ':listed_at': listed_at,
    ':events': [endEntry(finalState.status, error, attempt, now)],
    ':one': 1,
    ...conditionValues,
  };
  for (const [name, value] of Object.entries(expiry(lifetime, now))) {
    set.push(`${name} = :${name}`);
    values[`:${name}`] = value;
  }
  if (finalState.status === 'PROCESSED') {
    set.push('kraken_identifier = :kraken_identifier');
    values[':kraken_identifier'] = finalState.krakenIdentifier;
    // The supply point has the payload. Imports with any other final status may be retried, which needs it.
    removed.push('payload');
  }
  if (error === undefined) {
    removed.push('latest_error');
  } else {
    set.push('latest_error = :error');
    values[':error'] = error;
  }
  return {
    UpdateExpression: `SET ${set.join(', ')}, ${APPEND_EVENTS} REMOVE ${removed.join(', ')} ADD revision :one`,
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: values,
  } satisfies Partial<UpdateCommandInput>;
}
