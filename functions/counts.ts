import { dynamoDB } from '../shared/aws/clients.ts';
import { importCounts } from '../shared/imports/storage/import-counts.ts';
import { importIndex } from '../shared/imports/storage/import-index.ts';
import { countImports } from '../shared/imports/use-cases/count-imports.ts';
import { countsBody } from './edge/imports/bodies.ts';
import { supplierEndpoint } from './edge/imports/endpoints.ts';
import { ok } from './edge/responses.ts';
import { lifetimeSetting, setting } from './edge/settings.ts';

const client = dynamoDB();
const count = countImports({
  index: importIndex(client, setting('IMPORTS_TABLE'), lifetimeSetting('PERSONAL_DATA_DAYS')),
  counts: importCounts(client, setting('REGISTRY_TABLE')),
  clock: Date.now,
});
const timeZone = setting('TIME_ZONE');

/** GET /v2/data-import/supply-points/{supplier}/counts/ — returns a supplier's imports by status. */
export const handler = supplierEndpoint('counts', async (supplier) =>
  ok(countsBody(await count(supplier), timeZone)),
);
