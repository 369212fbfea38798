import { dynamoDB } from '../shared/aws/clients.ts';
import { historyBody } from '../shared/imports/history-body.ts';
import { importAt } from '../shared/imports/import-path.ts';
import { importStore } from '../shared/imports/storage/store.ts';
import { httpEndpoint } from './edge/http.ts';
import { httpErrors, ok } from './edge/responses.ts';
import { lifetimeSetting, setting } from './edge/settings.ts';

const imports = importStore(dynamoDB(), setting('IMPORTS_TABLE'), lifetimeSetting('PERSONAL_DATA_DAYS'));
const timeZone = setting('TIME_ZONE');

/** GET /v2/data-import/supply-points/{supplier}/{identifier}/history/ — returns an import's request parameters and status changes. */
export const handler = httpEndpoint('read', async ({ parameters, caller }) => {
  const key = importAt(parameters, caller.suppliers);
  const found = key && (await imports.get(key));
  if (found === undefined) throw httpErrors.notFound();
  return ok(historyBody(found, timeZone));
});
