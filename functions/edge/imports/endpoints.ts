import type { AuthorizedOperationName } from '../../../shared/api/operations.ts';
import type { ImportKey } from '../../../shared/imports/model/import-process.ts';

import { type AuthorizedRequest, httpEndpoint } from '../http.ts';
import { type ApiResponse, httpErrors } from '../responses.ts';

/** Maximum length of an external identifier, in characters. Supply point identifiers have ten. */
const IDENTIFIER_LENGTH_MAX = 100;

type HandleSupplier = (supplier: string, request: AuthorizedRequest) => Promise<ApiResponse>;

/** Handles requests whose callers have access to the path's supplier. Others get 404, which does not reveal whether it exists. */
export const ofSupplier = (handle: HandleSupplier) => (request: AuthorizedRequest) => {
  const { supplier = '' } = request.parameters;
  if (!Object.hasOwn(request.caller.suppliers, supplier)) throw httpErrors.notFound();
  return handle(supplier, request);
};

/** Makes the handler of an operation with a path `…/{supplier}/…`, which answers as {@link ofSupplier}. */
export const supplierEndpoint = (operation: AuthorizedOperationName, handle: HandleSupplier) =>
  httpEndpoint(operation, ofSupplier(handle));

/**
 * Makes the handler of an operation with a path `…/{supplier}/{identifier}/…`. Callers without access to the supplier get the same 404 as for an
 * unknown import.
 */
export function importEndpoint(
  operation: AuthorizedOperationName,
  handle: (key: ImportKey, request: AuthorizedRequest) => Promise<ApiResponse>,
) {
  return supplierEndpoint(operation, (importSupplier, request) => {
    const { identifier: externalIdentifier = '' } = request.parameters;
    if (externalIdentifier.length > IDENTIFIER_LENGTH_MAX) throw httpErrors.notFound();
    return handle({ importSupplier, externalIdentifier }, request);
  });
}
