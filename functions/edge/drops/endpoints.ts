import type { AuthorizedOperationName } from '../../../shared/api/operations.ts';
import type { Drop } from '../../../shared/drops/drop.ts';
import type { DropStore } from '../../../shared/drops/store.ts';
import type { AuthorizedRequest } from '../http.ts';
import { supplierEndpoint } from '../imports/endpoints.ts';
import { type ApiResponse, httpErrors } from '../responses.ts';

/** A drop's id (drop.ts). */
export const DROP_ID = /^[\w-]{16}$/;

/** Makes the handler of an operation with a path `…/{supplier}/drops/{drop}/…`. Another supplier's drop gets the same 404 as an unknown one. */
export function dropEndpoint(
  operation: AuthorizedOperationName,
  drops: Pick<DropStore, 'get'>,
  handle: (drop: Drop, request: AuthorizedRequest) => Promise<ApiResponse>,
) {
  return supplierEndpoint(operation, async (supplier, request) => {
    const { drop: id = '' } = request.parameters;
    const drop = DROP_ID.test(id) ? await drops.get(id) : undefined;
    if (drop === undefined || drop.import_supplier !== supplier) throw httpErrors.notFound();
    return handle(drop, request);
  });
}
