import { dynamoDB } from '../shared/aws/clients.ts';
import { historyBody } from '../shared/imports/history.ts';
import { importAt } from '../shared/imports/import-path.ts';
import { importStore } from '../shared/imports/store.ts';
import { ok, refusal } from './edge/answers.ts';
import { httpEndpoint } from './edge/http.ts';
import { setting } from './edge/settings.ts';

const imports = importStore(dynamoDB(), setting('IMPORTS_TABLE'));
const timeZone = setting('TIME_ZONE');

/** GET /v2/data-import/supply-points/{supplier}/{identifier}/history/ — what happened to an import, oldest first. */
export const handler = httpEndpoint('read', async ({ parameters, caller }) => {
  const key = importAt(parameters, caller.suppliers);
  const found = key && (await imports.get(key));
  if (found === undefined) throw refusal.notFound();
  return ok(historyBody(found, timeZone));
});
