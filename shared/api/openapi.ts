import { toJsonSchema } from '@valibot/to-json-schema';
import packageJson from '../../package.json' with { type: 'json' };
import { API_ERRORS, type ApiError, type ApiErrorName, apiErrorBody } from './errors.ts';
import { examples } from './examples.ts';
import { type JsonSchema, jsonSchemas } from './json-schema.ts';
import { HEADERS, headersOf } from './openapi-headers.ts';
import { errorsOf } from './operation-errors.ts';
import { OPERATION_TEXTS } from './operation-texts.ts';
import { OPERATIONS, type Operation, type OperationName } from './operations.ts';
import { IF_NONE_MATCH, PATH_PARAMETERS, type Parameter, QUERY } from './parameters.ts';
import { SCHEMAS, type SchemaName } from './schemas.ts';

/** An OpenAPI document, version 3.1. */
export type OpenApiDocument = {
  openapi: string;
  paths: Record<string, Record<string, OpenApiOperation>>;
  components: { schemas: Record<string, JsonSchema> } & Record<string, Record<string, unknown>>;
} & Record<string, unknown>;
type Content = Record<string, { schema: JsonSchema; example?: unknown; examples?: Record<string, unknown> }>;
export type OpenApiResponse = { description: string; headers: Record<string, unknown>; content?: Content };
export type OpenApiOperation = {
  operationId: string;
  requestBody?: { required: boolean; content: Content };
  responses: Record<string, OpenApiResponse>;
} & Record<string, unknown>;

const ROLES = {
  read: 'viewer',
  import: 'importer',
  operate: 'operator',
  administer: 'operator, and a token for every supplier',
} as const;

/** Where operations are listed, by what they are for. */
const TAGS = {
  Imports: 'Validate and create imports, and follow them.',
  Drops: 'Import files of supply points.',
  Operate: 'Cancel, retry and erase imports. For operators.',
  Rehearse: 'Scenarios make imports of some identifiers fail, take long, or be refused.',
  Administer: 'Import suppliers and tokens. For operators of every supplier.',
  Service: 'The service itself and its reference.',
} as const;

function tagOf(name: OperationName): keyof typeof TAGS {
  if (name.startsWith('drops')) return 'Drops';
  if (name.startsWith('scenarios')) return 'Rehearse';
  const { access } = OPERATIONS[name];
  if (access === 'administer') return 'Administer';
  if (access === 'open' || name === 'me') return 'Service';
  return access === 'operate' ? 'Operate' : 'Imports';
}

/** Returns the OpenAPI document of the API. Its server's URL is relative, so it also works below a stage's path. */
export function openApiDocument(): OpenApiDocument {
  const names = Object.keys(OPERATIONS) as OperationName[];
  const exampleOf = examples();
  const paths: OpenApiDocument['paths'] = {};
  for (const name of names) {
    const { method } = OPERATIONS[name];
    paths[openApiPath(name)] = {
      ...paths[openApiPath(name)],
      [method.toLowerCase()]: operation(name, exampleOf),
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Supply Point Import',
      version: packageJson.version,
      summary: packageJson.description,
      description:
        'A replica of the API with which electricity distributors move their supply points onto the platform Kraken, for rehearsing a migration. Paths work with and without the last slash. The reference for people is at `docs/`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '.', description: 'The server of this document.' }],
    security: [{ token: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        token: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: 'The word `Token`, a space and the key: `Authorization: Token spi_…`.',
        },
      },
      headers: HEADERS,
      schemas: jsonSchemas(),
    },
  };
}

/** API Gateway's `{page+}` takes the rest of the path, for which OpenAPI has no words. */
function openApiPath(name: OperationName): string {
  const path = OPERATIONS[name].path.replace('+}', '}');
  return path.endsWith('/') || path.endsWith('.json') ? path : `${path}/`;
}

type Examples = ReturnType<typeof examples>;

function operation(name: OperationName, exampleOf: Examples): OpenApiOperation {
  const { path, access, query = [], request, responses, isPolled }: Operation = OPERATIONS[name];
  const { summary, description } = OPERATION_TEXTS[name];
  const inPath = [...path.matchAll(/\{(\w+)\+?\}/g)].map(([, parameter]) => parameter!);
  const parameters = [
    ...inPath.map((parameter) => ({
      ...parameterOf(parameter, PATH_PARAMETERS[parameter]!),
      in: 'path',
      required: true,
    })),
    ...query.map((parameter) => ({ ...parameterOf(parameter, QUERY[parameter]), in: 'query' })),
    ...(isPolled === true ? [{ ...parameterOf('If-None-Match', IF_NONE_MATCH), in: 'header' }] : []),
  ];
  const role = access === 'open' ? 'Needs no token.' : `Needs the role ${ROLES[access]}.`;
  return {
    operationId: name,
    tags: [tagOf(name)],
    summary,
    description: `${description} ${role}`,
    ...(access === 'open' && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(request !== undefined && {
      requestBody: { required: true, content: jsonContent(request, exampleOf) },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(responses).map(([status, body]) => [
          status,
          successResponse(name, status, body!, exampleOf),
        ]),
      ),
      ...(isPolled === true && { 304: { description: NOT_MODIFIED, headers: headersOf(name, 304) } }),
      ...Object.fromEntries(
        [...errorsOf(name)].map(([status, errors]) => [status, errorResponse(name, errors, exampleOf)]),
      ),
    },
  };
}

function parameterOf(name: string, { description, schema, example }: Parameter): Record<string, unknown> {
  const { $schema: _, ...converted } = toJsonSchema(schema as Parameters<typeof toJsonSchema>[0], {
    target: 'draft-2020-12',
  });
  return { name, description, schema: converted, ...(example !== undefined && { example }) };
}

const refTo = (schema: SchemaName): JsonSchema => ({ $ref: `#/components/schemas/${schema}` });

function jsonContent(schema: SchemaName, exampleOf: Examples): Content {
  const example = exampleOf[schema];
  return { 'application/json': { schema: refTo(schema), ...(example !== undefined && { example }) } };
}

const isSchemaName = (body: string): body is SchemaName => Object.hasOwn(SCHEMAS, body);

function successResponse(
  name: OperationName,
  status: string,
  body: string,
  exampleOf: Examples,
): OpenApiResponse {
  return {
    description: SUCCESSES[status]!,
    headers: headersOf(name, Number(status)),
    content: isSchemaName(body) ? jsonContent(body, exampleOf) : { [body]: { schema: { type: 'string' } } },
  };
}

const NOT_MODIFIED = 'The body is the one that the client has.';

const SUCCESSES: Readonly<Record<string, string>> = {
  200: 'OK.',
  201: 'Created.',
  301: 'The page’s address ends in a slash: see the header `Location`.',
};

/** Errors with the same status are one response, with an example of each. */
function errorResponse(
  name: OperationName,
  errors: readonly ApiErrorName[],
  exampleOf: Examples,
): OpenApiResponse {
  const byType = Map.groupBy(errors, (error) => {
    const { body }: ApiError = API_ERRORS[error];
    return body?.includes('/') ? body : 'application/json';
  });
  const content = [...byType].map(([type, all]): [string, Content[string]] => {
    if (type !== 'application/json') return [type, { schema: { type: 'string' } }];
    const schemas = [
      ...new Set(all.map((error) => ((API_ERRORS[error] as ApiError).body ?? 'ErrorBody') as SchemaName)),
    ];
    const schema = schemas.length === 1 ? refTo(schemas[0]!) : { anyOf: schemas.map(refTo) };
    return [
      type,
      { schema, examples: Object.fromEntries(all.map((error) => [error, errorExample(error, exampleOf)])) },
    ];
  });
  return {
    description: errors
      .map((error) => API_ERRORS[error].detail.replaceAll(/\{(\w+)\}/g, '<$1>'))
      .join(' Or: '),
    headers: headersOf(name, API_ERRORS[errors[0]!].status),
    content: Object.fromEntries(content),
  };
}

/** What is in the place of `{…}` in examples. */
const VALUES = {
  supplier: 'CLOSED_SUPPLIER',
  identifier: '4001248530',
  reason: 'Expecting value: line 1 column 1 (char 0)',
  method: 'PUT',
  type: 'text/plain',
  action: 'cancelled',
  status: 'PROCESSED',
  state: 'ENDED',
  environment: 'prod',
  revision: '4',
  token: '0123456789ab',
} as const;

/** What bodies have beside `detail` and `code`. */
const MORE: Readonly<Record<string, object>> = {
  ConflictBody: { status: VALUES.status },
  DropConflictBody: { state: VALUES.state },
};

function errorExample(name: ApiErrorName, exampleOf: Examples): { summary: string; value: unknown } {
  const { code, body }: ApiError = API_ERRORS[name];
  const summary = code.replace(/\{\w+\}/, VALUES.action);
  if (name === 'invalidFields') return { summary, value: exampleOf.ErrorsBody };
  const value = apiErrorBody(name, VALUES);
  // Errors of imports have the form of the guide's example.
  if (body !== 'ErrorsBody') return { summary, value: { ...value, ...MORE[body ?? ''] } };
  return { summary, value: { non_field_errors: value, supply_point_identifier: VALUES.identifier } };
}
