import type { SupplyPointImport } from '../contract/request.ts';
import type { TaskParameters } from '../contract/task-parameters.ts';
import { sendPlan } from './due.ts';
import type { ImportProcess } from './import-process.ts';
import { packPayload } from './packed-payload.ts';
import type { ImportQueue } from './queue.ts';
import type { ImportStore } from './store.ts';
import { decideSubmission, startOf } from './transitions.ts';

export type SubmissionRefusal = {
  code: 'supply_point_import_process_already_imported' | 'supply_point_import_process_in_progress';
  detail: string;
  supplyPointIdentifier: string;
};

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

/** Thrown when others wrote the same import process each time this submission tried to. The client may try again. */
export class SubmissionContended extends Error {
  override name = 'SubmissionContended';
}

/** How often a submission that loses a race for its record looks again before it gives up. */
const WRITE_TRIES_MAX = 5;

/**
 * Schedules a validated supply point's creation: the record first, then the message. A message that cannot be sent is no
 * failure: the record says what is due, and the sweeper sends it.
 *
 * `now` is epoch ms. @throws SubmissionContended, and what DynamoDB's client throws: then nothing was promised.
 */
export function submitImport({ store, queue }: { store: ImportStore; queue: ImportQueue }) {
  return async (
    payload: SupplyPointImport,
    taskParameters: TaskParameters,
    now: number,
  ): Promise<SubmissionOutcome> => {
    const identifier = payload.supply_point.identifier;
    const key = { importSupplier: payload.import_supplier, externalIdentifier: identifier };
    const submission = { key, payload: packPayload(payload), taskParameters, now };

    // Nearly always there is no record yet, so the first try costs no read.
    let existing: ImportProcess | undefined;
    for (let tried = 0; tried < WRITE_TRIES_MAX; tried += 1) {
      const decision = decideSubmission(existing, submission);
      if (decision.kind === 'refused')
        return { kind: 'refused', refusal: refusal(decision.because, identifier) };
      if (decision.kind === 'unchanged' || (await store.write(decision.record, decision.replaces))) {
        const { record } = decision;
        const sent = await trySend(queue, record, key, now);
        return { kind: 'scheduled', attempt: record.attempt, changed: decision.kind === 'write', ...sent };
      }
      existing = await store.get(key);
    }
    throw new SubmissionContended();
  };
}

async function trySend(
  queue: ImportQueue,
  record: ImportProcess,
  key: { importSupplier: string; externalIdentifier: string },
  now: number,
): Promise<{ notSent?: unknown }> {
  const plan = sendPlan(startOf(record), now);
  if (!plan.send) return {};
  try {
    await queue.send([{ key, attempt: record.attempt, delaySeconds: plan.delaySeconds }]);
    return {};
  } catch (notSent) {
    return { notSent };
  }
}

/** Source of the first text: the guide's "already imported" answer; the second is made alike. */
function refusal(because: 'already_imported' | 'in_progress', identifier: string): SubmissionRefusal {
  const process = `The import process with the supply point identifier ${identifier}`;
  const said =
    because === 'already_imported'
      ? {
          code: 'supply_point_import_process_already_imported' as const,
          detail: `${process} has already been imported.`,
        }
      : { code: 'supply_point_import_process_in_progress' as const, detail: `${process} is in progress.` };
  return { ...said, supplyPointIdentifier: identifier };
}
