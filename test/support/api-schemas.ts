import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type OpenApiDocument, type OpenApiResponse, openApiDocument } from '../../shared/api/openapi.ts';
import { OPERATIONS, type OperationName } from '../../shared/api/operations.ts';

/** The OpenAPI document, as it is served. */
export const DOCUMENT = JSON.parse(JSON.stringify(openApiDocument())) as OpenApiDocument;

const DESCRIBED = new Map(
  Object.values(DOCUMENT.paths).flatMap((item) =>
    Object.values(item).map((operation) => [operation.operationId, operation] as const),
  ),
);

const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
addFormats.default(ajv);
ajv.addVocabulary(['components', 'x-enumDescriptions']);
const ID = 'https://example.com/openapi.json';
ajv.addSchema({ $id: ID, components: { schemas: DOCUMENT.components.schemas } });

/** Returns the validator of a schema of the OpenAPI document, by its name. @throws Error if there is none */
export function validatorOf(name: string): ValidateFunction {
  const validate = ajv.getSchema(`${ID}#/components/schemas/${name}`);
  if (validate === undefined) throw new Error(`The OpenAPI document has no schema ${name}.`);
  return validate;
}

/** Returns what is wrong with a body by the schema of this name; an empty list if it fits. */
export function misfits(name: string, body: unknown): string[] {
  const validate = validatorOf(name);
  if (validate(body)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** The names of the schemas that a response's JSON body may have; undefined if its body is not JSON. */
export function schemaNames({ content }: OpenApiResponse): string[] | undefined {
  const schema = content?.['application/json']?.schema;
  if (schema === undefined) return undefined;
  const references = (schema['anyOf'] ?? [schema]) as { $ref: string }[];
  return references.map(({ $ref }) => $ref.split('/').at(-1)!);
}

const ROUTES = (Object.keys(OPERATIONS) as OperationName[])
  .map((name) => ({
    name,
    // A path without parameters takes precedence.
    parameters: OPERATIONS[name].path.split('{').length,
    pattern: new RegExp(
      `^${OPERATIONS[name].path.replace(/\{\w+\}/g, '[^/]+').replace(/\{\w+\+\}/, '.+')}/?$`,
    ),
  }))
  .sort((one, other) => one.parameters - other.parameters);

/**
 * Returns what is wrong with a response by the OpenAPI document; an empty list if it fits. Requests of methods or paths that are not
 * operations, whose responses are errors, and of HEAD and OPTIONS, are not described.
 */
export function responseMisfits(
  { method, path }: { method: string; path: string },
  { status, body }: { status: number; body: unknown },
): string[] {
  const [onlyPath] = path.split('?', 1) as [string];
  const candidates = ROUTES.filter(({ pattern }) => pattern.test(onlyPath));
  const [first] = candidates;
  const route = candidates.find(
    ({ name, parameters }) => OPERATIONS[name].method === method && parameters === first!.parameters,
  );
  if (route === undefined) return [];
  const response = DESCRIBED.get(route.name)!.responses[status];
  if (response === undefined) return [`${route.name} has no response with status ${status}`];
  const names = schemaNames(response);
  if (names === undefined) return [];
  const wrong = names.map((name) => misfits(name, body));
  return wrong.some((misfit) => misfit.length === 0) ? [] : wrong.flat();
}
