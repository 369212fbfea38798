import { nested } from './nested.ts';
import { supplyPointImport } from './supply-point-import.ts';

/** Maximum number of cached schemas. Callers with the same suppliers share one. */
export const SCHEMAS_MAX = 100;

type RequestSchema = ReturnType<typeof newSchema>;
const newSchema = (codes: ReadonlySet<string>) => nested({ payload: supplyPointImport(codes) });

/**
 * Returns a function that returns the schema of requests with one of these import suppliers. It caches schemas, because creating one takes
 * longer than using it. It discards all of them when {@link SCHEMAS_MAX} are cached and another is needed.
 */
export function requestSchemas(): (codes: Iterable<string>) => RequestSchema {
  const schemas = new Map<string, RequestSchema>();
  return (codes) => {
    const list = [...codes];
    const key = JSON.stringify(list);
    const known = schemas.get(key);
    if (known !== undefined) return known;
    if (schemas.size >= SCHEMAS_MAX) schemas.clear();
    const schema = newSchema(new Set(list));
    schemas.set(key, schema);
    return schema;
  };
}
