import { krakenIdentifier, type SupplyPointStore } from '../supply-points/store.ts';
import type { ImportKey } from './import-process.ts';
import type { Ending } from './store.ts';

export const processed = ({ externalIdentifier }: ImportKey): Ending => ({
  status: 'PROCESSED',
  krakenIdentifier: krakenIdentifier(externalIdentifier),
});

/**
 * The ending to write: PROCESSED in place of ERRORED where this import's supply point exists. An earlier run may have created
 * it and died before it finished; then that is how the import ended, whatever has failed or changed since. The supply point
 * itself decides, not what the import's record remembers of its runs. Costs a read for each import that errors.
 */
export async function processedIfCreated(
  supplyPoints: SupplyPointStore,
  key: ImportKey,
  ending: Ending,
): Promise<Ending> {
  if (ending.status !== 'ERRORED') return ending;
  const existing = await supplyPoints.get(key.externalIdentifier);
  return existing?.import_supplier === key.importSupplier ? processed(key) : ending;
}
