import { dynamoDB, s3 } from '../shared/aws/clients.ts';
import { reportDownloads } from '../shared/drops/download-report.ts';
import { pageOfFailedRows } from '../shared/drops/failed-rows.ts';
import { objectStore } from '../shared/drops/objects.ts';
import { dropStore } from '../shared/drops/store.ts';
import { isPermitted } from '../shared/suppliers/tokens.ts';
import { failedRowsBody } from './edge/drops/bodies.ts';
import { dropEndpoint } from './edge/drops/endpoints.ts';
import { readFailedRowsQuery } from './edge/drops/list-query.ts';
import { badRequest, ok } from './edge/responses.ts';
import { lifetimeSetting, setting } from './edge/settings.ts';

const s3Client = s3();
const drops = dropStore(dynamoDB(), setting('DROPS_TABLE'), lifetimeSetting('DROP_RECORD_DAYS'));
const pageOf = pageOfFailedRows({ drops, objects: objectStore(s3Client) });
const downloads = reportDownloads(s3Client);
const timeZone = setting('TIME_ZONE');

/**
 * GET /v2/data-import/supply-points/{supplier}/drops/{drop}/failed-rows/?page_size=&cursor= — lists a drop's failed rows without personal
 * data, with links to download all of them. Only operators get the link to the corrected file, which has the rows as they were sent.
 */
export const handler = dropEndpoint('drops-failed-rows', drops, async (drop, { caller, now, query }) => {
  const checked = readFailedRowsQuery(query, drop.id);
  if (!checked.valid) return badRequest(checked.errors);
  const page = await pageOf(drop, checked.data);
  const links = await downloads(drop, { now, hasPersonalData: isPermitted(caller, 'operate') });
  return ok(failedRowsBody(drop, page, links, timeZone));
});
