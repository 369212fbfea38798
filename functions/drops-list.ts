import { dynamoDB } from '../shared/aws/clients.ts';
import { isDropFinal } from '../shared/drops/drop.ts';
import { liveCounts } from '../shared/drops/live-counts.ts';
import { importsByFinalState } from '../shared/drops/live-status.ts';
import { dropStore } from '../shared/drops/store.ts';
import { mapConcurrently } from '../shared/map-concurrently.ts';
import { dropBody } from './edge/drops/bodies.ts';
import { dropsCursor, readDropsQuery } from './edge/drops/list-query.ts';
import { supplierEndpoint } from './edge/imports/endpoints.ts';
import { badRequest, ok } from './edge/responses.ts';
import { lifetimeSetting, setting } from './edge/settings.ts';

const stored = [dynamoDB(), setting('DROPS_TABLE'), lifetimeSetting('DROP_RECORD_DAYS')] as const;
const drops = dropStore(...stored);
const counts = liveCounts(...stored);
const timeZone = setting('TIME_ZONE');

/** GET /v2/data-import/supply-points/{supplier}/drops/?page_size=&cursor= — lists a supplier's drops, newest first. */
export const handler = supplierEndpoint('drops-list', async (supplier, { query }) => {
  const checked = readDropsQuery(query, supplier);
  if (!checked.valid) return badRequest(checked.errors);
  const { after, pageSize: limit } = checked.data;
  const page = await drops.list(supplier, { after, limit });
  const results = await mapConcurrently(page.drops, 10, async (drop) => {
    const live = isDropFinal(drop) ? undefined : await counts.get(drop.id);
    return dropBody(drop, timeZone, { rows: drop, imports: importsByFinalState(drop, drop.accepted, live) });
  });
  return ok({
    results,
    next_cursor: page.next === undefined ? null : dropsCursor(supplier, page.next),
  });
});
