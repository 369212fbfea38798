import { dynamoDB } from '../shared/aws/clients.ts';
import { liveCounts } from '../shared/drops/live-counts.ts';
import { dropStore } from '../shared/drops/store.ts';
import { inSteps, spanBetween, spanOfPeriod } from '../shared/imports/model/activity.ts';
import { importIndex } from '../shared/imports/storage/import-index.ts';
import { endedImports } from '../shared/imports/use-cases/ended-imports.ts';
import { activityBody, readActivityQuery } from './edge/imports/activity.ts';
import { supplierEndpoint } from './edge/imports/endpoints.ts';
import { badRequest, httpErrors, ok } from './edge/responses.ts';
import { lifetimeSetting, setting } from './edge/settings.ts';

const client = dynamoDB();
const stored = [client, setting('DROPS_TABLE'), lifetimeSetting('DROP_RECORD_DAYS')] as const;
const drops = dropStore(...stored);
const counts = liveCounts(...stored);
const ended = endedImports({
  index: importIndex(client, setting('IMPORTS_TABLE'), lifetimeSetting('PERSONAL_DATA_DAYS')),
  clock: Date.now,
});
const timeZone = setting('TIME_ZONE');

/** GET /v2/data-import/supply-points/{supplier}/activity/?period=&drop= — returns what ended over time: of a supplier, or of a drop. */
export const handler = supplierEndpoint('activity', async (supplier, { query, now }) => {
  const checked = readActivityQuery(query);
  if (!checked.valid) return badRequest(checked.errors);
  const { period, drop: id } = checked.data;
  if (id === undefined) {
    const span = spanOfPeriod(period, now);
    const { minutes, isComplete } = await ended(supplier, span.from);
    return ok(activityBody(span, inSteps(span, minutes), { timeZone, isComplete }));
  }
  const drop = await drops.get(id);
  if (drop?.import_supplier !== supplier) throw httpErrors.notFound();
  const span = spanBetween(drop.created_at, drop.ended_at ?? now);
  const steps = inSteps(span, await counts.minutes(id));
  return ok(activityBody(span, steps, { timeZone, isComplete: true }));
});
