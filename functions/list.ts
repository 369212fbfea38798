import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { dynamoDB } from '../shared/aws/clients.ts';
import { readListQuery } from '../shared/imports/list-query.ts';
import { importIndex } from '../shared/imports/storage/import-index.ts';
import { listBody, listImports } from '../shared/imports/use-cases/list-imports.ts';
import { httpEndpoint } from './edge/http.ts';
import { badRequest, httpErrors, ok } from './edge/responses.ts';
import { lifetimeSetting, setting } from './edge/settings.ts';

const list = listImports(
  importIndex(dynamoDB(), setting('IMPORTS_TABLE'), lifetimeSetting('PERSONAL_DATA_DAYS')),
);
const timeZone = setting('TIME_ZONE');

/** GET /v2/data-import/supply-points/{supplier}/?status=&page_size=&cursor= — lists a supplier's imports, newest change first. */
export const handler = (event: APIGatewayProxyEvent, context: Context) =>
  // Builds the endpoint for each request, because ApiRequest does not contain the query.
  endpoint(event.multiValueQueryStringParameters ?? {})(event, context);

const endpoint = (query: Readonly<Record<string, string[] | undefined>>) =>
  httpEndpoint('read', async ({ parameters, caller }) => {
    const { supplier = '' } = parameters;
    if (!Object.hasOwn(caller.suppliers, supplier)) throw httpErrors.notFound();
    const checked = readListQuery(query, supplier);
    if (!checked.valid) return badRequest(checked.errors);
    return ok(listBody(await list(checked.data), checked.data, timeZone));
  });
