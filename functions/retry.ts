import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { dynamoDB, sqs } from '../shared/aws/clients.ts';
import { importAt } from '../shared/imports/import-path.ts';
import { statusBody } from '../shared/imports/status-body.ts';
import { importQueue } from '../shared/imports/storage/queue.ts';
import { importStore } from '../shared/imports/storage/store.ts';
import { impossibleBody } from '../shared/imports/use-cases/act-on-import.ts';
import { retryImport } from '../shared/imports/use-cases/retry-import.ts';
import { httpEndpoint } from './edge/http.ts';
import { describeError, log } from './edge/log.ts';
import { HttpError, httpErrors, ok } from './edge/responses.ts';
import { lifetimeSetting, setting } from './edge/settings.ts';

const retry = retryImport({
  imports: importStore(dynamoDB(), setting('IMPORTS_TABLE'), lifetimeSetting('PERSONAL_DATA_DAYS')),
  queue: importQueue(sqs(), setting('IMPORTS_QUEUE_URL')),
});
const timeZone = setting('TIME_ZONE');

/** POST /v2/data-import/supply-points/{supplier}/{identifier}/retry/ — retries an errored import, and returns its status. */
export const handler = (event: APIGatewayProxyEvent, context: Context) =>
  // Builds the endpoint for each request, because a retry needs the time at which API Gateway received it, without the cold start.
  endpoint(event.requestContext.requestTimeEpoch)(event, context);

const endpoint = (arrivedAt: number) =>
  httpEndpoint('operate', async ({ parameters, caller }, { now }) => {
    const key = importAt(parameters, caller.suppliers);
    const outcome = key && (await retry(key, { now, arrivedAt }));
    if (outcome === undefined || outcome.kind === 'unknown') throw httpErrors.notFound();
    if (outcome.kind === 'impossible') throw new HttpError(409, impossibleBody('retried', outcome.record));
    if (outcome.notSent !== undefined)
      log.warn('left to the sweeper', { error: describeError(outcome.notSent) });
    return ok(statusBody(outcome.record, timeZone));
  });
