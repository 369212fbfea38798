import { dynamoDB } from '../shared/aws/clients.ts';
import { createdBody } from '../shared/imports/created-body.ts';
import { importAt } from '../shared/imports/import-path.ts';
import { supplyPointStore } from '../shared/supply-points/store.ts';
import { httpEndpoint } from './edge/http.ts';
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
export const handler = httpEndpoint('operate', async ({ parameters, caller }) => {
  const key = importAt(parameters, caller.suppliers);
  const found = key && (await supplyPoints.get(key.externalIdentifier));
  if (found === undefined || found.import_supplier !== key?.importSupplier) throw httpErrors.notFound();
  return ok(createdBody(found, timeZone));
});
