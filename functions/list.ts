import { dynamoDB } from '../shared/aws/clients.ts';
import { importIndex } from '../shared/imports/storage/import-index.ts';
import { listImports } from '../shared/imports/use-cases/list-imports.ts';
import { listBody } from './edge/imports/bodies.ts';
import { supplierEndpoint } from './edge/imports/endpoints.ts';
import { readListQuery } from './edge/imports/list-query.ts';
import { badRequest, ok } from './edge/responses.ts';
import { lifetimeSetting, setting } from './edge/settings.ts';

const list = listImports(
  importIndex(dynamoDB(), setting('IMPORTS_TABLE'), lifetimeSetting('PERSONAL_DATA_DAYS')),
);
const timeZone = setting('TIME_ZONE');

/** GET /v2/data-import/supply-points/{supplier}/?status=&page_size=&cursor= — lists a supplier's imports, newest change first. */
export const handler = supplierEndpoint('list', async (supplier, { query }) => {
  const checked = readListQuery(query, supplier);
  if (!checked.valid) return badRequest(checked.errors);
  return ok(listBody(await list(checked.data), checked.data, timeZone));
});
