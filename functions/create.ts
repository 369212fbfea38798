import { dynamoDB, sqs } from '../shared/aws/clients.ts';
import { validateCreateRequest } from '../shared/contract/request.ts';
import { importQueue } from '../shared/imports/storage/queue.ts';
import { importStore } from '../shared/imports/storage/store.ts';
import {
  rejectionErrors,
  type SubmissionOutcome,
  submitImport,
} from '../shared/imports/use-cases/submit-import.ts';
import { rejectByScenario } from '../shared/scenarios/request-scenarios.ts';
import { cachedScenarios, scenarioStore } from '../shared/scenarios/store.ts';
import type { Caller } from '../shared/suppliers/authenticate.ts';
import { httpEndpoint } from './edge/http.ts';
import { withIgnoredFieldsHeader } from './edge/ignored-fields.ts';
import { describeError, log } from './edge/log.ts';
import { type ApiResponse, badRequest, created, scenarioResponse } from './edge/responses.ts';
import { lifetimeSetting, setting } from './edge/settings.ts';

const client = dynamoDB();
const submit = submitImport({
  store: importStore(client, setting('IMPORTS_TABLE'), lifetimeSetting('PERSONAL_DATA_DAYS')),
  queue: importQueue(sqs(), setting('IMPORTS_QUEUE_URL')),
});

const timeZone = setting('TIME_ZONE');

/** Called only where scenarios are allowed: elsewhere there are no reads for them. */
const scenarios = () =>
  rejectByScenario(cachedScenarios(scenarioStore(client, setting('REGISTRY_TABLE')), Date.now));
const rejectionOf = process.env['SCENARIOS_ALLOWED'] === 'true' ? scenarios() : undefined;

/** POST /v2/data-import/supply-points/ — schedules the creation of one supply point. */
export const handler = httpEndpoint('create', async (request) => {
  const body = request.json();
  return withIgnoredFieldsHeader(body, await create(body, request.caller, request.now));
});

async function create(body: unknown, caller: Caller, now: number): Promise<ApiResponse> {
  const suppliers = new Map(Object.entries(caller.suppliers));
  const checked = validateCreateRequest(body, suppliers, now, timeZone);
  if (!checked.valid) return badRequest(checked.errors);
  const { payload, taskParameters } = checked.data;
  const rejection = await rejectionOf?.(payload, now);
  return rejection === undefined
    ? toResponse(await submit(payload, taskParameters, now))
    : scenarioResponse(rejection);
}

function toResponse(outcome: SubmissionOutcome): ApiResponse {
  if (outcome.kind === 'scheduled') {
    if (outcome.sendError !== undefined)
      log.warn('message not sent; the sweeper will send it', { error: describeError(outcome.sendError) });
    return created({});
  }
  return badRequest(rejectionErrors(outcome.rejection));
}
