import { dynamoDB } from '../shared/aws/clients.ts';
import { activityIn, spanBetween, spanOfPeriod } from '../shared/drops/activity.ts';
import { liveCounts } from '../shared/drops/live-counts.ts';
import { dropStore } from '../shared/drops/store.ts';
import { activityBody, readActivityQuery } from './edge/drops/activity.ts';
import { supplierEndpoint } from './edge/imports/endpoints.ts';
import { badRequest, httpErrors, ok } from './edge/responses.ts';
import { lifetimeSetting, setting } from './edge/settings.ts';

const stored = [dynamoDB(), setting('DROPS_TABLE'), lifetimeSetting('DROP_RECORD_DAYS')] as const;
const drops = dropStore(...stored);
const counts = liveCounts(...stored);
const timeZone = setting('TIME_ZONE');

/** GET /v2/data-import/supply-points/{supplier}/activity/?period=&drop= — returns what ended, and the rows that were read, over time. */
export const handler = supplierEndpoint('activity', async (supplier, { query, now }) => {
  const checked = readActivityQuery(query);
  if (!checked.valid) return badRequest(checked.errors);
  const { period, drop: id } = checked.data;
  const drop = id === undefined ? undefined : await drops.get(id);
  if (id !== undefined && drop?.import_supplier !== supplier) throw httpErrors.notFound();
  const span =
    drop === undefined ? spanOfPeriod(period, now) : spanBetween(drop.created_at, drop.ended_at ?? now);
  const minutes = await counts.minutes(supplier, span.from, span.to - 1);
  return ok(activityBody(span, activityIn(span, minutes, id), timeZone));
});
