import type { SupplyPointImport } from '../contract/request.ts';
import type { TaskParameters } from '../contract/task-parameters.ts';
import { sendPlan } from './due.ts';
import type { ImportProcess } from './import-process.ts';
import { packPayload } from './packed-payload.ts';
import type { ImportQueue, QueuedImport } from './queue.ts';
import type { ImportStore } from './store.ts';
import { type DropRowId, decideSubmission, startOf } from './transitions.ts';

export type SubmissionRefusal = {
  code:
    | 'supply_point_import_process_already_imported'
    | 'supply_point_import_process_in_progress'
    | 'duplicate_in_drop';
  detail: string;
  supplyPointIdentifier: string;
};

export type RecordedSubmission =
  /** The record says what is to be done; `message`, if there is one, is to be sent. */
  | { kind: 'recorded'; attempt: number; changed: boolean; message?: QueuedImport }
  | { kind: 'refused'; refusal: SubmissionRefusal };

export type SubmissionOutcome =
  | {
      kind: 'scheduled';
      attempt: number;
      /** Whether anything changed: false for what was already waiting. */
      changed: boolean;
      /** Why its message was not sent, if it was to be; the sweeper sends it then. */
      notSent?: unknown;
    }
  | { kind: 'refused'; refusal: SubmissionRefusal };

/** Thrown when others wrote the same import process each time this submission tried to. It may be tried again. */
export class SubmissionContended extends Error {
  override name = 'SubmissionContended';
}

/** How often a submission that loses a race for its record looks again before it gives up. */
const WRITE_TRIES_MAX = 5;

/**
 * Records a validated supply point's import, and says what message is to be sent for it.
 *
 * `now` is epoch ms. @throws SubmissionContended, and what DynamoDB's client throws: then nothing was promised.
 */
export function recordSubmission(store: ImportStore) {
  return async (
    payload: SupplyPointImport,
    taskParameters: TaskParameters,
    now: number,
    row?: DropRowId,
  ): Promise<RecordedSubmission> => {
    const identifier = payload.supply_point.identifier;
    const key = { importSupplier: payload.import_supplier, externalIdentifier: identifier };
    const submission = { key, payload: packPayload(payload), taskParameters, now, row };

    // Nearly always there is no record yet, so the first try costs no read.
    let existing: ImportProcess | undefined;
    for (let tried = 0; tried < WRITE_TRIES_MAX; tried += 1) {
      const decision = decideSubmission(existing, submission);
      if (decision.kind === 'refused')
        return { kind: 'refused', refusal: refusal(decision.because, identifier) };
      if (decision.kind === 'unchanged' || (await store.write(decision.record, decision.replaces))) {
        const { record, kind } = decision;
        const plan = sendPlan(startOf(record), now);
        const isToSend = record.status === 'PENDING' && plan.send;
        const message = isToSend && { key, attempt: record.attempt, delaySeconds: plan.delaySeconds };
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
 * Schedules a validated supply point's creation: the record first, then the message. A message that cannot be sent is no
 * failure: the record says what is due, and the sweeper sends it.
 *
 * Throws as {@link recordSubmission}.
 */
export function submitImport({ store, queue }: { store: ImportStore; queue: ImportQueue }) {
  const record = recordSubmission(store);
  return async (
    payload: SupplyPointImport,
    taskParameters: TaskParameters,
    now: number,
  ): Promise<SubmissionOutcome> => {
    const recorded = await record(payload, taskParameters, now);
    if (recorded.kind === 'refused') return recorded;
    const { attempt, changed, message } = recorded;
    try {
      if (message !== undefined) await queue.send([message]);
      return { kind: 'scheduled', attempt, changed };
    } catch (notSent) {
      return { kind: 'scheduled', attempt, changed, notSent };
    }
  };
}

/** Source of the first text: the guide's "already imported" answer; the others are made alike. */
const REFUSALS = {
  already_imported: {
    code: 'supply_point_import_process_already_imported',
    says: 'has already been imported',
  },
  in_progress: { code: 'supply_point_import_process_in_progress', says: 'is in progress' },
  duplicate: { code: 'duplicate_in_drop', says: 'is asked for by another row of the same drop' },
} as const;

function refusal(because: keyof typeof REFUSALS, identifier: string): SubmissionRefusal {
  const { code, says } = REFUSALS[because];
  const detail = `The import process with the supply point identifier ${identifier} ${says}.`;
  return { code, detail, supplyPointIdentifier: identifier };
}

/** A refusal as the API answers it (source: the guide's "already imported" answer). */
export function refusalBody({
  code,
  detail,
  supplyPointIdentifier,
}: SubmissionRefusal): Record<string, unknown> {
  return { non_field_errors: { detail, code }, supply_point_identifier: supplyPointIdentifier };
}
