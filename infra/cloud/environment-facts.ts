import { BODY_BYTES_MAX } from '../../shared/api/errors.ts';
import type { MeBody } from '../../shared/api/schemas.ts';
import { SCHEDULE_WINDOW_DAYS_MAX } from '../../shared/contract/task-parameters.ts';
import { ROW_BYTES_MAX } from '../../shared/drops/formats/row.ts';
import { RANGED_BYTES_MAX, STREAMED_BYTES_MAX } from '../../shared/drops/plan-drop.ts';
import { PAGE_SIZE_MAX } from '../../shared/imports/use-cases/list-imports.ts';
import { REDRIVEN_MAX } from '../../shared/imports/use-cases/redrive-imports.ts';
import type { Environment } from '../environment.ts';

/**
 * Returns the variables of the function `me`: what callers need to know of the environment. The limits are a variable because the modules
 * that define them would add the AWS SDK to the function's bundle.
 */
export function environmentFacts(environment: Environment) {
  const { name, timeZone, scenariosAllowed, methodThrottle } = environment;
  const limits: MeBody['limits'] = {
    request_body_bytes: BODY_BYTES_MAX,
    requests_per_second: methodThrottle.requestsPerSecond,
    burst_requests: methodThrottle.burstRequests,
    schedule_window_days: SCHEDULE_WINDOW_DAYS_MAX,
    page_size: PAGE_SIZE_MAX,
    imports_per_redrive: REDRIVEN_MAX,
    drop_ndjson_file_bytes: RANGED_BYTES_MAX,
    drop_other_file_bytes: STREAMED_BYTES_MAX,
    drop_row_bytes: ROW_BYTES_MAX,
  };
  return {
    ENVIRONMENT_NAME: name,
    TIME_ZONE: timeZone,
    LIMITS: JSON.stringify(limits),
    ...(scenariosAllowed && { SCENARIOS_ALLOWED: 'true' }),
  };
}
