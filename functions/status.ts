import { dynamoDB } from '../shared/aws/clients.ts';
import { statusBody } from '../shared/imports/status-body.ts';
import { importStore } from '../shared/imports/store.ts';
import { ok, refusal } from './edge/answers.ts';
import { httpEndpoint } from './edge/http.ts';
import { setting } from './edge/settings.ts';

const imports = importStore(dynamoDB(), setting('IMPORTS_TABLE'));
const timeZone = setting('TIME_ZONE');

/** Longest external identifier that is looked for, in characters: supply points have ten. */
const IDENTIFIER_LENGTH_MAX = 100;

/** GET /v2/data-import/supply-points/{supplier}/{identifier}/ — how an import stands. Another's is not found. */
export const handler = httpEndpoint('read', async ({ parameters, caller }) => {
  const { supplier = '', identifier = '' } = parameters;
  if (!Object.hasOwn(caller.suppliers, supplier)) throw refusal.notFound();
  if (identifier.length > IDENTIFIER_LENGTH_MAX) throw refusal.notFound();
  const found = await imports.get({ importSupplier: supplier, externalIdentifier: identifier });
  if (found === undefined) throw refusal.notFound();
  return ok(statusBody(found, timeZone));
});
