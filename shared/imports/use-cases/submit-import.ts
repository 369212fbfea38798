import type { SupplyPointImport } from '../../contract/request.ts';
import type { TaskParameters } from '../../contract/task-parameters.ts';
import { sendDelaySeconds } from '../model/due.ts';
import type { ImportProcess } from '../model/import-process.ts';
import { packPayload } from '../model/packed-payload.ts';
import { type DropRowPlace, decideSubmission, startTimeOf } from '../model/transitions.ts';
import type { ImportQueue, QueuedImport } from '../storage/queue.ts';
import type { ImportStore } from '../storage/store.ts';

export type SubmissionRejection = {
  code:
    | 'supply_point_import_process_already_imported'
    | 'supply_point_import_process_in_progress'
    | 'duplicate_in_drop';
  detail: string;
  supplyPointIdentifier: string;
};

export type RecordedSubmission =
  /** The submission is stored. `message`, if present, is to be sent. */
  | { kind: 'recorded'; attempt: number; changed: boolean; message?: QueuedImport }
  | { kind: 'rejected'; rejection: SubmissionRejection };

export type SubmissionOutcome =
  | {
      kind: 'scheduled';
      attempt: number;
      /** False if an identical submission was already waiting. */
      changed: boolean;
      /** The error that prevented sending the message. The sweeper sends it later. */
      sendError?: unknown;
    }
  | { kind: 'rejected'; rejection: SubmissionRejection };

/** Thrown when concurrent writes changed the import process at each try. The client may retry. */
export class SubmissionContended extends Error {
  override name = 'SubmissionContended';
}

/** Maximum number of tries when concurrent writes change the record. */
const WRITE_TRIES_MAX = 5;

/**
 * Stores a validated supply point's import, and returns the message to be sent for it.
 *
 * `now` is epoch ms.
 *
 * @throws SubmissionContended, and errors of DynamoDB's client. The submission is then not accepted.
 */
export function recordSubmission(store: ImportStore) {
  return async (
    payload: SupplyPointImport,
    taskParameters: TaskParameters,
    now: number,
    row?: DropRowPlace,
  ): Promise<RecordedSubmission> => {
    const identifier = payload.supply_point.identifier;
    const key = { importSupplier: payload.import_supplier, externalIdentifier: identifier };
    const submission = { key, payload: packPayload(payload), taskParameters, now, row };

    // Usually there is no record, so the first try skips the read.
    let existing: ImportProcess | undefined;
    for (let tried = 0; tried < WRITE_TRIES_MAX; tried += 1) {
      const decision = decideSubmission(existing, submission);
      if (decision.kind === 'rejected')
        return { kind: 'rejected', rejection: rejection(decision.because, identifier) };
      if (decision.kind === 'unchanged' || (await store.write(decision.record, decision.replaces))) {
        const { record, kind } = decision;
        const delaySeconds = sendDelaySeconds(startTimeOf(record), now);
        const mustSend = record.status === 'PENDING' && delaySeconds !== undefined;
        const message = mustSend && { key, attempt: record.attempt, delaySeconds };
        return {
          kind: 'recorded',
          attempt: record.attempt,
          changed: kind === 'write',
          ...(message && { message }),
        };
      }
      existing = await store.get(key);
    }
    throw new SubmissionContended();
  };
}

/**
 * Schedules a validated supply point's creation: stores the record, then sends the message. If sending fails, the submission is
 * accepted all the same, because the sweeper sends the message later.
 *
 * @throws as {@link recordSubmission}.
 */
export function submitImport({ store, queue }: { store: ImportStore; queue: ImportQueue }) {
  const record = recordSubmission(store);
  return async (
    payload: SupplyPointImport,
    taskParameters: TaskParameters,
    now: number,
  ): Promise<SubmissionOutcome> => {
    const recorded = await record(payload, taskParameters, now);
    if (recorded.kind === 'rejected') return recorded;
    const { attempt, changed, message } = recorded;
    try {
      if (message !== undefined) await queue.send([message]);
      return { kind: 'scheduled', attempt, changed };
    } catch (sendError) {
      return { kind: 'scheduled', attempt, changed, sendError };
    }
  };
}

/** The first text is the guide's "already imported" response. The others follow its pattern. */
const REJECTIONS = {
  already_imported: {
    code: 'supply_point_import_process_already_imported',
    predicate: 'has already been imported',
  },
  in_progress: { code: 'supply_point_import_process_in_progress', predicate: 'is in progress' },
  duplicate: { code: 'duplicate_in_drop', predicate: 'is asked for by another row of the same drop' },
} as const;

function rejection(because: keyof typeof REJECTIONS, identifier: string): SubmissionRejection {
  const { code, predicate } = REJECTIONS[because];
  const detail = `The import process with the supply point identifier ${identifier} ${predicate}.`;
  return { code, detail, supplyPointIdentifier: identifier };
}

/** Returns a rejected submission's errors, in the contract's form (source: the guide's "already imported" response). */
export function rejectionErrors({
  code,
  detail,
  supplyPointIdentifier,
}: SubmissionRejection): Record<string, unknown> {
  return { non_field_errors: { detail, code }, supply_point_identifier: supplyPointIdentifier };
}
