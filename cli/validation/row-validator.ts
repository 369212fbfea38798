import type { ErrorBody } from '../../shared/contract/error-body.ts';
import { isDictionary } from '../../shared/contract/python-values.ts';
import { validateCreateRequest } from '../../shared/contract/request.ts';
import { type DropRow, requestOf } from '../../shared/drops/formats/row.ts';

type Suppliers = ReadonlyMap<string, 'open'>;
const NO_SUPPLIERS: Suppliers = new Map();
/** Codes that are kept. A file whose columns are mixed up could have another in each row. */
const CODES_MAX = 1000;

/** Returns a function that returns a row's errors, or undefined if it is valid. Without suppliers every code may be used. */
export function rowValidator(suppliers: readonly string[] | undefined, timeZone: string) {
  const given = suppliers && new Map(suppliers.map((code) => [code, 'open' as const]));
  const bySupplier = new Map<string, Suppliers>();
  const any = (request: unknown): Suppliers => {
    const payload = isDictionary(request) ? request['payload'] : undefined;
    const code = isDictionary(payload) ? payload['import_supplier'] : undefined;
    if (typeof code !== 'string' || code === '') return NO_SUPPLIERS;
    const known = bySupplier.get(code) ?? new Map([[code, 'open' as const]]);
    if (bySupplier.size < CODES_MAX) bySupplier.set(code, known);
    return known;
  };
  return (row: DropRow, now: number): ErrorBody | undefined => {
    if ('errors' in row) return row.errors;
    const request = requestOf(row.body);
    const validated = validateCreateRequest(request, given ?? any(request), now, timeZone);
    return validated.valid ? undefined : validated.errors;
  };
}
