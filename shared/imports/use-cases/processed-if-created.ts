import { krakenIdentifier } from '../../supply-points/kraken-identifier.ts';
import type { SupplyPointStore } from '../../supply-points/store.ts';
import type { ImportKey } from '../model/import-process.ts';
import type { FinalState } from '../storage/store.ts';

export const processed = ({ externalIdentifier }: ImportKey): FinalState => ({
  status: 'PROCESSED',
  krakenIdentifier: krakenIdentifier(externalIdentifier),
});

/**
 * Returns PROCESSED instead of ERRORED if this import's supply point exists, and otherwise the given final state. An earlier
 * run may have created the supply point and stopped before it finished the import. The import is then PROCESSED, whatever
 * failed later.
 *
 * The supply point's record decides, and not the import's history. Its payload must equal this import's payload: a supply point
 * left over from an erased or expired import has a different one. Costs one read for each import that errors.
 */
export async function processedIfCreated(
  supplyPoints: SupplyPointStore,
  key: ImportKey,
  payload: Uint8Array | undefined,
  finalState: FinalState,
): Promise<FinalState> {
  if (finalState.status !== 'ERRORED') return finalState;
  const existing = await supplyPoints.get(key.externalIdentifier);
  const isOfThisImport =
    existing?.import_supplier === key.importSupplier &&
    payload !== undefined &&
    Buffer.compare(existing.payload, payload) === 0;
  return isOfThisImport ? processed(key) : finalState;
}
