import { validatePayload } from '../../contract/request.ts';
import type { SupplierRegistry } from '../../suppliers/registry.ts';
import { krakenIdentifier } from '../../supply-points/kraken-identifier.ts';
import type { SupplyPointStore } from '../../supply-points/store.ts';
import { type FinalStatus, firstStart, type Outcome, outcomeOf } from '../model/history.ts';
import { importError } from '../model/import-errors.ts';
import type { ImportError, ImportKey, ImportProcess } from '../model/import-process.ts';
import { unpackPayload } from '../model/packed-payload.ts';
import { areStartsExhausted } from '../model/starts.ts';
import { lastDropOf, startTimeOf, windowEndOf } from '../model/transitions.ts';
import type { FinalState, ImportStore } from '../storage/store.ts';
import { processed, processedIfCreated } from './processed-if-created.ts';

export type ProcessingOutcome =
  /**
   * `milliseconds`: time since the submission, or since the schedule window opened. `drop`: the drop that submitted it, if it was not the
   * endpoint.
   */
  | {
      kind: 'ended';
      status: FinalStatus;
      milliseconds: number;
      drop?: string | undefined;
      error?: ImportError;
    }
  /**
   * The import could not be claimed: it is finished, has another attempt, is not due yet, or is held by another run. Normal;
   * logged.
   */
  | { kind: 'not_taken'; because: 'gone' | 'other_attempt' | 'too_early' | 'held' | 'ended' }
  /** A scenario delays the import. Its message was sent again with a delay. */
  | { kind: 'put_off'; seconds: number }
  /** The lease expired and another run took over, or the response to this run's final write was lost. */
  | { kind: 'claim_lost' };

/** Context of one run. `now` and `leaseUntil` are epoch ms. `claim` is an identifier that is unique to the run. */
export type Run = { now: number; leaseUntil: number; claim: string };

/** Outcome of a run. `event` is to be published at least once before the message is deleted. */
export type Processed = ProcessingOutcome & { event?: Outcome | undefined };

/** A supplier's scenarios, applied to its imports (shared/scenarios/import-scenarios.ts). `now` is epoch ms. */
export type ImportScenarios = {
  /**
   * Sends the message of a PENDING import again with a delay, if a rule delays the import. Returns the delay in seconds, or
   * undefined if the import is to be processed now.
   *
   * @throws errors of the store and the queue.
   */
  postpone(key: ImportKey, attempt: number, now: number): Promise<number | undefined>;
  /** Returns the error with which a rule finishes a claimed import before it creates anything. */
  errorFor(key: ImportKey, claimed: ImportProcess): Promise<ImportError | undefined>;
};

type Dependencies = {
  imports: ImportStore;
  supplyPoints: SupplyPointStore;
  suppliers: SupplierRegistry;
  /** Absent where scenarios are not allowed. */
  scenarios?: ImportScenarios | undefined;
};

/**
 * Claims the import, validates it again, creates the supply point idempotently, and finishes the import. The caller publishes
 * the outcome. Every step may be repeated and run concurrently. A message for a finished import may belong to a run that
 * stopped before it published the outcome, so the outcome is published again.
 *
 * @throws errors of the clients. They may be transient, and the message is to be redelivered.
 */
export function processImport(dependencies: Dependencies) {
  return async (key: ImportKey, attempt: number, run: Run): Promise<Processed> => {
    const seconds = await dependencies.scenarios?.postpone(key, attempt, run.now);
    if (seconds !== undefined) return { kind: 'put_off', seconds };
    const { claimed, found } = await dependencies.imports.claim({ key, attempt, ...run });
    if (claimed === undefined) {
      const because = reasonNotClaimed(found, attempt, run.now);
      return { kind: 'not_taken', because, event: found && outcomeOf(found, attempt) };
    }
    const decided = await decideFinalState(dependencies, key, claimed, run.now);
    const finalState = await processedIfCreated(dependencies.supplyPoints, key, claimed.payload, decided);
    if (!(await dependencies.imports.finish({ key, attempt, ...run }, finalState))) {
      const ended = await dependencies.imports.get(key);
      return { kind: 'claim_lost', event: ended && outcomeOf(ended, attempt) };
    }
    const event = { key, attempt, endedAt: run.now, ...finalState };
    const error = 'error' in finalState ? { error: finalState.error } : {};
    return {
      kind: 'ended',
      status: finalState.status,
      milliseconds: run.now - startTimeOf(claimed),
      drop: lastDropOf(claimed),
      ...error,
      event,
    };
  };
}

function reasonNotClaimed(record: ImportProcess | undefined, attempt: number, now: number) {
  if (record === undefined) return 'gone';
  if (record.attempt !== attempt) return 'other_attempt';
  if (record.status === 'PENDING') return (record.window_start ?? 0) > now ? 'too_early' : 'held';
  return record.status === 'IN_PROGRESS' ? 'held' : 'ended';
}

async function decideFinalState(
  dependencies: Dependencies,
  key: ImportKey,
  claimed: ImportProcess,
  now: number,
): Promise<FinalState> {
  const failed = (error: ImportError): FinalState => ({
    status: claimed.is_dry_run ? 'DRY_RUN_ERRORED' : 'ERRORED',
    error,
  });

  // This run follows the last allowed start. It only finishes the import.
  if (areStartsExhausted(claimed, (claimed.starts ?? 1) - 1, now))
    return failed(importError.attemptsExhausted());
  // The window limits the first start. A run that takes over a started import may be later.
  if ((firstStart(claimed) ?? now) >= windowEndOf(claimed)) return failed(importError.scheduleWindowMissed());
  const supplier = await dependencies.suppliers.get(key.importSupplier);
  if (supplier?.migration !== 'open') return failed(importError.migrationNotOngoing(key.importSupplier));
  const checked = validatePayload(
    unpackPayload(claimed.payload!),
    new Map([[supplier.code, supplier.migration]]),
  );
  if (!checked.valid) return failed(importError.failedValidation());
  const scenarioError = await dependencies.scenarios?.errorFor(key, claimed);
  if (scenarioError !== undefined) return failed(scenarioError);

  const { identifier } = checked.data.supply_point;
  if (claimed.is_dry_run) {
    const existing = await dependencies.supplyPoints.get(identifier);
    return existing === undefined
      ? { status: 'DRY_RUN_SUCCEEDED' }
      : failed(importError.supplyPointAlreadyExists(identifier));
  }
  const isCreated = await dependencies.supplyPoints.create({
    identifier,
    kraken_identifier: krakenIdentifier(identifier),
    import_supplier: key.importSupplier,
    attempt: claimed.attempt,
    created_at: now,
    payload: claimed.payload!,
  });
  return isCreated ? processed(key) : failed(importError.supplyPointAlreadyExists(identifier));
}
