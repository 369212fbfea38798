import { dynamoDB } from '../shared/aws/clients.ts';
import { dropStore } from '../shared/drops/store.ts';
import { dropBody } from './edge/drops/bodies.ts';
import { dropsCursor, readDropsQuery } from './edge/drops/list-query.ts';
import { supplierEndpoint } from './edge/imports/endpoints.ts';
import { badRequest, ok } from './edge/responses.ts';
import { lifetimeSetting, setting } from './edge/settings.ts';

const drops = dropStore(dynamoDB(), setting('DROPS_TABLE'), lifetimeSetting('DROP_RECORD_DAYS'));
const timeZone = setting('TIME_ZONE');

/** GET /v2/data-import/supply-points/{supplier}/drops/?page_size=&cursor= — lists a supplier's drops, newest first. */
export const handler = supplierEndpoint('drops-list', async (supplier, { query }) => {
  const checked = readDropsQuery(query, supplier);
  if (!checked.valid) return badRequest(checked.errors);
  const { after, pageSize: limit } = checked.data;
  const page = await drops.list(supplier, { after, limit });
  return ok({
    results: page.drops.map((drop) => dropBody(drop, timeZone)),
    next_cursor: page.next === undefined ? null : dropsCursor(supplier, page.next),
  });
});
