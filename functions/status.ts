import { dynamoDB } from '../shared/aws/clients.ts';
import { importStore } from '../shared/imports/storage/store.ts';
import { statusBody } from './edge/imports/bodies.ts';
import { importEndpoint } from './edge/imports/endpoints.ts';
import { httpErrors, ok } from './edge/responses.ts';
import { lifetimeSetting, setting } from './edge/settings.ts';

const imports = importStore(dynamoDB(), setting('IMPORTS_TABLE'), lifetimeSetting('PERSONAL_DATA_DAYS'));
const timeZone = setting('TIME_ZONE');

/** GET /v2/data-import/supply-points/{supplier}/{identifier}/ — returns an import's status. 404 for another supplier's import. */
export const handler = importEndpoint('status', async (key) => {
  const found = await imports.get(key);
  if (found === undefined) throw httpErrors.notFound();
  return ok(statusBody(found, timeZone));
});
