import { dynamoDB } from '../shared/aws/clients.ts';
import { supplyPointStore } from '../shared/supply-points/store.ts';
import { createdBody } from './edge/imports/bodies.ts';
import { importEndpoint } from './edge/imports/endpoints.ts';
import { httpErrors, ok } from './edge/responses.ts';
import { lifetimeSetting, setting } from './edge/settings.ts';

const supplyPoints = supplyPointStore(
  dynamoDB(),
  setting('SUPPLY_POINTS_TABLE'),
  lifetimeSetting('PERSONAL_DATA_DAYS'),
);
const timeZone = setting('TIME_ZONE');

/**
 * GET /v2/data-import/supply-points/{supplier}/{identifier}/created/ — returns the supply point that an import created, with its
 * accounts, customers and outage contact. Operators only, because it is personal data. 404 until the supply point exists.
 */
export const handler = importEndpoint('created', async ({ importSupplier, externalIdentifier }) => {
  const found = await supplyPoints.get(externalIdentifier);
  if (found?.import_supplier !== importSupplier) throw httpErrors.notFound();
  return ok(createdBody(found, timeZone));
});
