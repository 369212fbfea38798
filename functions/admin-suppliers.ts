import { dynamoDB } from '../shared/aws/clients.ts';
import { REGISTRY_CACHED_SECONDS, registry, SUPPLIERS_MAX } from '../shared/suppliers/registry.ts';
import { administratorOf } from './edge/admin/administrator.ts';
import { supplierBody } from './edge/admin/bodies.ts';
import { readNewSupplierRequest, readSupplierRequest } from './edge/admin/requests.ts';
import { httpEndpoints } from './edge/http.ts';
import { log } from './edge/log.ts';
import { badRequest, created, httpErrors, ok } from './edge/responses.ts';
import { setting } from './edge/settings.ts';

const registered = registry(dynamoDB(), setting('REGISTRY_TABLE'));
/** Endpoints know suppliers by the authorizer's cached result, and workers by their own caches. */
const effective = {
  effective_within_seconds: Math.max(Number(setting('AUTHORIZER_CACHE_SECONDS')), REGISTRY_CACHED_SECONDS),
};

/** `/admin/suppliers/` — lists, registers, opens and closes import suppliers. Changes are logged as warnings, which no log level hides. */
export const handler = httpEndpoints('admin-suppliers', {
  'suppliers-list': async () =>
    ok({ results: (await registered.list({ isConsistent: true })).map(supplierBody) }),

  'suppliers-add': async (request) => {
    const administrator = await administratorOf(request, registered);
    const read = readNewSupplierRequest(request.json());
    if (!read.valid) return badRequest(read.errors);
    const supplier = read.data;
    if ((await registered.list({ isConsistent: true })).length >= SUPPLIERS_MAX)
      return badRequest({ non_field_errors: [`There may be at most ${SUPPLIERS_MAX} import suppliers.`] });
    if (!(await registered.addSupplier(supplier)))
      return badRequest({ code: ['An import supplier with this code is already registered.'] });
    log.warn('supplier registered', { administrator, ...supplier });
    return created({ ...supplierBody(supplier), ...effective });
  },

  'suppliers-change': async (request) => {
    const administrator = await administratorOf(request, registered);
    const read = readSupplierRequest(request.json());
    if (!read.valid) return badRequest(read.errors);
    const code = request.parameters['supplier']!;
    const supplier = await registered.changeSupplier(code, read.data);
    if (supplier === undefined) throw httpErrors.notFound();
    log.warn('supplier changed', { administrator, code, ...read.data });
    return ok({ ...supplierBody(supplier), ...effective });
  },
});
