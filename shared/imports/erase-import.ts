import type { Erasure } from '../suppliers/registry.ts';
import type { SupplyPointStore } from '../supply-points/store.ts';
import type { ImportKey, ImportProcess } from './import-process.ts';
import type { ImportStore } from './store.ts';
import { SubmissionContended } from './submit-import.ts';
import { isFinal } from './transitions.ts';

/** What there was of an import's data when it was erased. */
export type ErasedCounts = Pick<Erasure, 'imports' | 'supply_points'>;

export type EraseOutcome =
  | { kind: 'erased'; counts: ErasedCounts }
  /** It is PENDING or IN_PROGRESS: nothing was done. */
  | { kind: 'open'; record: ImportProcess };

type Dependencies = {
  imports: ImportStore;
  supplyPoints: SupplyPointStore;
  /** Keeps what is about to be deleted. */
  audit: (key: ImportKey, counts: ErasedCounts) => Promise<void>;
};

/** How often an erasure that loses a race for the record looks again before it gives up. */
const TRIES_MAX = 5;

/**
 * Deletes an import's record with its payload and history, and the supply point that it created; afterwards neither is found, and the
 * supply point can be imported anew. Late messages find no record, and do nothing. Idempotent: a repeat finishes what was begun.
 *
 * The supply point goes first. Until its record is gone too, no other import can be submitted that would find it and end PROCESSED. The
 * record is deleted only as it was read: what was submitted meanwhile is looked at again. The audit is kept before anything is deleted.
 *
 * `now` is epoch ms. @throws SubmissionContended where others changed the record each time, and what DynamoDB's client throws.
 */
export function eraseImport({ imports, supplyPoints, audit }: Dependencies) {
  return async (key: ImportKey, now: number): Promise<EraseOutcome> => {
    const counts: ErasedCounts = { imports: 0, supply_points: 0 };
    for (let tried = 0; tried < TRIES_MAX; tried += 1) {
      const record = await imports.get(key);
      if (record !== undefined && !isFinal(record.status)) return { kind: 'open', record };
      if (tried === 0) {
        const supplyPoint = await supplyPoints.get(key.externalIdentifier);
        counts.imports = record === undefined ? 0 : 1;
        counts.supply_points = supplyPoint?.import_supplier === key.importSupplier ? 1 : 0;
        if (counts.imports + counts.supply_points > 0) await audit(key, counts);
      }
      await supplyPoints.remove(key.externalIdentifier, key.importSupplier, now);
      if (await imports.remove(key, record)) return { kind: 'erased', counts };
    }
    throw new SubmissionContended();
  };
}
