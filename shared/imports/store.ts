import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { isConditionMet, undefinedIfConditionFailed } from '../aws/conditional-write.ts';
import { expiry, ifAbsent, isExpired, type Lifetime } from '../aws/lifetime.ts';
import { batchGet } from './batch-get.ts';
import { endEntry } from './history.ts';
import {
  type HistoryEntry,
  type ImportError,
  type ImportKey,
  ImportProcess,
  type ImportStatus,
  importId,
  importKey,
} from './import-process.ts';
import { classOfEnd, listingOf } from './listing.ts';

/** How an import process ends: its status, and what came of it. */
export type FinalState =
  | { status: 'PROCESSED'; krakenIdentifier: string }
  | { status: 'DRY_RUN_SUCCEEDED' | 'CANCELLED' }
  | { status: 'ERRORED' | 'DRY_RUN_ERRORED'; error: ImportError };

/** Who works on which attempt of an import, until when (epoch ms). */
export type Claim = { key: ImportKey; attempt: number; claim: string; now: number; leaseUntil: number };

/** What came of a claim: the import where it was taken, and what was found whatever came of it. */
export type ClaimResult = { claimed: ImportProcess | undefined; found: ImportProcess | undefined };

/** An import's status, and why it errored if it did. */
const StatedImport = v.pick(ImportProcess, ['status', 'latest_error']);
export type StatedImport = v.InferOutput<typeof StatedImport>;
const StatusPage = v.array(v.object({ id: v.string(), ...StatedImport.entries }));

/**
 * Appends an update's `:events`, a list, to the history, in the same write as what they tell of. (Source: DynamoDB developer
 * guide, "Update expressions", list_append. Every engine does this alike, which is not so for a list's index past its end.)
 */
export const APPEND_EVENTS = 'history = list_append(history, :events)';

/**
 * What may be claimed. Written out, as AND binds before OR: with parentheses in it, the local DynamoDB takes four milliseconds
 * to read it.
 */
const CLAIMABLE = [
  'attempt = :attempt AND #status = :pending AND attribute_not_exists(window_start)',
  'attempt = :attempt AND #status = :pending AND window_start <= :now',
  'attempt = :attempt AND #status = :in_progress AND lease_until <= :now',
].join(' OR ');

export type ImportStore = ReturnType<typeof importStore>;

/**
 * The `import-processes` table. Each method answers one question or makes one conditional write; losing the condition is
 * an answer, never an exception, since redelivery and races are normal here. Reads are strongly consistent.
 *
 * A record's lifetime begins when its import ends, in the same write. A new attempt ends it, since the record is written anew. No record
 * expires before the supply point that its import created, whose lifetime begins no later.
 *
 * The whole import of the guide's example costs 7 write units, since its item stays under one kilobyte: created 1 + 1 for
 * its entry in the `listing` index, claimed 1 (the entry must not change), its supply point 1, and ended 1 + 2, as the
 * entry goes from one partition to another.
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
     * The statuses of imports and their latest errors, in the order of the keys; undefined where there is no import. At most 100;
     * what was just written may be missed. A read unit is by the item's size, so the errors cost nothing more.
     */
    async statuses(keys: readonly ImportKey[]): Promise<(StatedImport | undefined)[]> {
      const items = await batchGet(client, table, keys.map(importId), {
        attributes: Object.keys(StatusPage.item.entries),
        consistent: false,
      });
      const found = new Map(v.parse(StatusPage, items).map(({ id, ...stated }) => [id, stated]));
      return keys.map((key) => found.get(importId(key)));
    },

    /** Writes a record in place of what was read (`undefined`: of none). False: somebody else was first. */
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
     * Takes an import that may start now, or whose lease has run out. Answers the record as it then is, with what to create; or
     * what is found where it is not there to be taken. A call whose answer was lost, and that the SDK made again, finds its
     * own claim: then it is taken.
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

    /** Deletes a record as it was read; `undefined`: one that is expired, if there is one. False: it changed since. */
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

    /** Ends an import on one's own claim. False: the claim was lost in between; or it is ended, and the SDK asked twice. */
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

    /** Ends an import that nobody holds, as it was read. Answers what it is then; undefined: it changed since. */
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

/** What every ending writes: the status and its reason, its place among those that ended so, and nothing left that says it needs work. */
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
    // What was created is kept with the supply point; every other end may be followed by a retry, which needs it.
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
