import { dynamoDB } from '../shared/aws/clients.ts';
import { readScenarios } from '../shared/scenarios/read-scenarios.ts';
import {
  type RevisedScenarios,
  ScenariosChanged,
  scenarioStore,
  UnknownSupplier,
} from '../shared/scenarios/store.ts';
import { REGISTRY_CACHED_SECONDS } from '../shared/suppliers/registry.ts';
import { scenarioBodies } from './edge/admin/bodies.ts';
import { readScenariosRequest } from './edge/admin/requests.ts';
import { type AuthorizedRequest, httpEndpoints } from './edge/http.ts';
import { ofSupplier } from './edge/imports/endpoints.ts';
import { log } from './edge/log.ts';
import { type ApiResponse, badRequest, httpErrors, ok } from './edge/responses.ts';
import { setting } from './edge/settings.ts';

const store = scenarioStore(dynamoDB(), setting('REGISTRY_TABLE'));
const environment = setting('ENVIRONMENT_NAME');
const allowed = process.env['SCENARIOS_ALLOWED'] === 'true';

const bodyOf = ({ rules, revision }: RevisedScenarios) =>
  ok({
    allowed,
    revision,
    results: scenarioBodies(rules),
    effective_within_seconds: REGISTRY_CACHED_SECONDS,
  });

/**
 * Handles requests whose callers have access to the path's supplier. A token for every supplier has access at once to one that was registered
 * after the authorizer's result was cached. Others get 404.
 */
const withAccess = (handle: (supplier: string, request: AuthorizedRequest) => Promise<ApiResponse>) => {
  const handleKnown = ofSupplier(handle);
  return (request: AuthorizedRequest) => {
    if (!request.caller.hasEverySupplier) return handleKnown(request);
    return handle(request.parameters['supplier'] ?? '', request).catch((error: unknown) => {
      throw error instanceof UnknownSupplier ? httpErrors.notFound() : error;
    });
  };
};

/** Replaces a supplier's rules. @throws HttpError 409 if they are no longer at `revision` */
async function put(
  supplier: string,
  rules: unknown,
  revision: number | undefined,
  { caller }: AuthorizedRequest,
) {
  const changed = await store.put(supplier, rules, revision).catch((error: unknown) => {
    throw error instanceof ScenariosChanged ? httpErrors.scenariosChanged(error.revision) : error;
  });
  log.warn('scenarios changed', {
    token: caller.token,
    supplier,
    revision: changed.revision,
    rules: changed.rules.length,
  });
  return bodyOf(changed);
}

/**
 * `…/{supplier}/scenarios/` — returns, replaces and removes a supplier's scenarios. Changes are logged as warnings, which no log level hides.
 */
export const handler = httpEndpoints('scenarios', {
  'scenarios-show': withAccess(async (supplier) => bodyOf(await store.revised(supplier))),

  'scenarios-set': withAccess(async (supplier, request) => {
    if (!allowed) throw httpErrors.scenariosNotAllowed(environment);
    const read = readScenariosRequest(request.json());
    if (!read.valid) return badRequest(read.errors);
    const checked = readScenarios(read.data.rules);
    if (!checked.valid) return badRequest({ rules: checked.issues });
    return put(supplier, checked.data, read.data.revision, request);
  }),

  'scenarios-clear': withAccess(async (supplier, request) => {
    if (!allowed) throw httpErrors.scenariosNotAllowed(environment);
    return put(supplier, [], undefined, request);
  }),
});
