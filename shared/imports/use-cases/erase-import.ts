import type { Erasure } from '../../suppliers/registry.ts';
import type { SupplyPointStore } from '../../supply-points/store.ts';
import type { ImportKey, ImportProcess } from '../model/import-process.ts';
import { isFinal } from '../model/transitions.ts';
import type { ImportStore } from '../storage/store.ts';
import { SubmissionContended } from './submit-import.ts';

/** Numbers of records that an erasure deletes. */
export type ErasedCounts = Pick<Erasure, 'imports' | 'supply_points'>;

export type EraseOutcome =
  | { kind: 'erased'; counts: ErasedCounts }
  /** The import is PENDING or IN_PROGRESS. Nothing was deleted. */
  | { kind: 'open'; record: ImportProcess };

type Dependencies = {
  imports: ImportStore;
  supplyPoints: SupplyPointStore;
  /** Stores the audit record. Called before anything is deleted. */
  audit: (key: ImportKey, counts: ErasedCounts) => Promise<void>;
};

/** Maximum number of tries when concurrent writes change the record. */
const TRIES_MAX = 5;

/**
 * Deletes an import's record with its payload and history, and the supply point that it created. Both then return 404, and the
 * supply point can be imported again. Late messages find no record and have no effect. Idempotent: a repeat completes an
 * interrupted erasure.
 *
 * The supply point is deleted first. While the import's record exists, no other import can be submitted that would find the
 * supply point and finish PROCESSED. The record is deleted by a conditional write on its revision. If a submission changed it
 * meanwhile, it is read again.
 *
 * `now` is epoch ms.
 *
 * @throws SubmissionContended when concurrent writes changed the record at each try; and errors of DynamoDB's client.
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
