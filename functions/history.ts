import { dynamoDB } from '../shared/aws/clients.ts';
import { placesOfRows } from '../shared/drops/row-places.ts';
import { dropStore } from '../shared/drops/store.ts';
import { rowsOf } from '../shared/imports/model/transitions.ts';
import { importStore } from '../shared/imports/storage/store.ts';
import { historyBody } from './edge/imports/bodies.ts';
import { importEndpoint } from './edge/imports/endpoints.ts';
import { httpErrors, ok } from './edge/responses.ts';
import { lifetimeSetting, setting } from './edge/settings.ts';

const client = dynamoDB();
const imports = importStore(client, setting('IMPORTS_TABLE'), lifetimeSetting('PERSONAL_DATA_DAYS'));
const placesOf = placesOfRows(dropStore(client, setting('DROPS_TABLE'), lifetimeSetting('DROP_RECORD_DAYS')));
const timeZone = setting('TIME_ZONE');

/** GET /v2/data-import/supply-points/{supplier}/{identifier}/history/ — returns an import's request parameters and status changes. */
export const handler = importEndpoint('history', async (key) => {
  const found = await imports.get(key);
  if (found === undefined) throw httpErrors.notFound();
  return ok(historyBody(found, await placesOf(rowsOf(found)), timeZone));
});
