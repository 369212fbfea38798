import { krakenIdentifier, type SupplyPointStore } from '../supply-points/store.ts';
import type { ImportKey } from './import-process.ts';
import type { FinalState } from './store.ts';

export const processed = ({ externalIdentifier }: ImportKey): FinalState => ({
  status: 'PROCESSED',
  krakenIdentifier: krakenIdentifier(externalIdentifier),
});

/**
 * The ending to write: PROCESSED in place of ERRORED where this import's supply point exists. An earlier run may have created
 * it and died before it finished; then that is how the import ended, whatever has failed or changed since. The supply point
 * itself decides, not what the import's record remembers of its runs. It must have been created from the payload of this import: one
 * that is left of a record that was erased or expired has another. Costs a read for each import that errors.
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
