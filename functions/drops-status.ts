import { dynamoDB, s3 } from '../shared/aws/clients.ts';
import { isDropFinal, noFinalStates } from '../shared/drops/drop.ts';
import { liveCounts } from '../shared/drops/live-counts.ts';
import { isBeingRead } from '../shared/drops/live-status.ts';
import { objectStore } from '../shared/drops/objects.ts';
import { reportedErrors } from '../shared/drops/reporting/report.ts';
import { dropStore } from '../shared/drops/store.ts';
import { dropStatusBody } from './edge/drops/bodies.ts';
import { dropEndpoint } from './edge/drops/endpoints.ts';
import { ok } from './edge/responses.ts';
import { lifetimeSetting, setting } from './edge/settings.ts';

const stored = [dynamoDB(), setting('DROPS_TABLE'), lifetimeSetting('DROP_RECORD_DAYS')] as const;
const drops = dropStore(...stored);
const counts = liveCounts(...stored);
const objects = objectStore(s3());
const timeZone = setting('TIME_ZONE');

/** GET /v2/data-import/supply-points/{supplier}/drops/{drop}/ — returns a drop's state, counts, rate and most frequent errors. */
export const handler = dropEndpoint('drops-status', drops, async (drop, { now }) => {
  const isReading = isBeingRead(drop);
  const progress = isReading ? await drops.progress(drop.id) : [];
  const reported = isReading ? [] : await reportedErrors(objects, drop);
  const live = isDropFinal(drop) ? noFinalStates() : await counts.get(drop.id);
  return ok(dropStatusBody(drop, progress, live, reported, { now, timeZone }));
});
