import { dynamoDB } from '../shared/aws/clients.ts';
import { importCounts } from '../shared/imports/storage/import-counts.ts';
import { importStore } from '../shared/imports/storage/store.ts';
import { eraseImport } from '../shared/imports/use-cases/erase-import.ts';
import { registry } from '../shared/suppliers/registry.ts';
import { supplyPointStore } from '../shared/supply-points/store.ts';
import { conflictBody } from './edge/imports/bodies.ts';
import { importEndpoint } from './edge/imports/endpoints.ts';
import { log } from './edge/log.ts';
import { HttpError, ok } from './edge/responses.ts';
import { lifetimeSetting, setting } from './edge/settings.ts';

const client = dynamoDB();
const lifetime = lifetimeSetting('PERSONAL_DATA_DAYS');
const stores = {
  imports: importStore(client, setting('IMPORTS_TABLE'), lifetime),
  supplyPoints: supplyPointStore(client, setting('SUPPLY_POINTS_TABLE'), lifetime),
};
const counts = importCounts(client, setting('REGISTRY_TABLE'));
const registered = registry(client, setting('REGISTRY_TABLE'));

/** DELETE /v2/data-import/supply-points/{supplier}/{identifier}/data/ — deletes an import and its supply point, and returns how many of each. */
export const handler = importEndpoint('erase', async (key, { caller, now }) => {
  const who = { token_id: caller.token?.id, token_name: caller.token?.name };
  const what = { import_supplier: key.importSupplier, external_identifier: key.externalIdentifier };
  const outcome = await eraseImport({
    ...stores,
    audit: (_, counts) =>
      registered.recordErasure({ erased_at: now, ...who, ...what, ...counts }, crypto.randomUUID()),
  })(key, now);
  if (outcome.kind === 'erased') await counts.forget(key.importSupplier);
  if (outcome.kind === 'open') throw new HttpError(409, conflictBody('erased', outcome.record));
  // A warning, because environments may turn off the log level INFO.
  log.warn('personal data erased', { ...who, ...what, ...outcome.counts });
  return ok({ erased: outcome.counts });
});
