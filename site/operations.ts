import { API_ERRORS, type ApiError } from '../shared/api/errors.ts';
import { openApiDocument } from '../shared/api/openapi.ts';
import { errorsOf } from '../shared/api/operation-errors.ts';
import { OPERATION_TEXTS } from '../shared/api/operation-texts.ts';
import { OPERATIONS, type Operation, type OperationName } from '../shared/api/operations.ts';
import { type BodyField, bodyFields, constraintsOf, type JsonSchema, type Schemas } from './body-fields.ts';

/** An operation as the reference describes it. */
export type DescribedOperation = {
  name: OperationName;
  method: Operation['method'];
  /** With `{parameters}` and the last slash. */
  path: string;
  access: Operation['access'];
  summary: string;
  description: string;
  parameters: readonly DescribedParameter[];
  request: Body | undefined;
  responses: readonly (Body & { status: number })[];
  /** `id` is the error's in the catalogue. */
  errors: readonly (ApiError & { id: string })[];
};

export type DescribedParameter = {
  name: string;
  in: 'path' | 'query';
  description: string;
  /** Such as `At least 1`. */
  constraints: readonly string[];
  example?: string | number;
};

/** The JSON of a request or a response. */
export type Body = { schema: string; example: unknown; fields: readonly BodyField[] };

/** The parts of the OpenAPI document that the reference shows. */
type Content = {
  'application/json'?: { schema: { $ref: string }; example?: unknown };
};
type OpenApiOperation = {
  parameters?: readonly (Omit<DescribedParameter, 'constraints'> & { schema: JsonSchema })[];
  requestBody?: { content: Content };
  responses: Readonly<Record<string, { content?: Content }>>;
};
type Document = {
  paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  components: { schemas: Schemas };
};

/** Returns the operations that return JSON, in the table's order, from the OpenAPI document. */
export function describedOperations(): DescribedOperation[] {
  const { paths, components } = openApiDocument() as unknown as Document;
  const bodyOf = (content: Content | undefined): Body | undefined => {
    const json = content?.['application/json'];
    if (json === undefined) return undefined;
    const schema = json.schema.$ref.replace(/^.*\//, '');
    return { schema, example: json.example, fields: bodyFields(schema, components.schemas) };
  };
  return (Object.entries(OPERATIONS) as [OperationName, Operation][])
    .filter(([, { responses }]) => !Object.values(responses).includes('text/html'))
    .map(([name, { method, path, access }]) => {
      const documentPath = path.endsWith('.json') ? path : `${path}/`;
      const operation = paths[documentPath]![method.toLowerCase()]!;
      return {
        ...{ name, method, path: documentPath, access, ...OPERATION_TEXTS[name] },
        parameters: (operation.parameters ?? []).map(({ schema, ...parameter }) => ({
          ...parameter,
          constraints: constraintsOf(schema),
        })),
        request: bodyOf(operation.requestBody?.content),
        responses: Object.entries(operation.responses)
          .filter(([status]) => Number(status) < 300)
          .map(([status, { content }]) => ({ status: Number(status), ...bodyOf(content)! })),
        errors: [...errorsOf(name).values()]
          .flat()
          .map((error) => ({ id: `response-${error}`, ...API_ERRORS[error] })),
      };
    });
}
