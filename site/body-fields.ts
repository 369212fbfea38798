/** A JSON Schema, as far as the API's bodies use it. */
export type JsonSchema = {
  $ref?: string;
  type?: string;
  format?: string;
  enum?: readonly unknown[];
  const?: unknown;
  anyOf?: readonly JsonSchema[];
  items?: JsonSchema;
  properties?: Readonly<Record<string, JsonSchema>>;
  description?: string;
  minimum?: number;
  maximum?: number;
  default?: unknown;
};
export type Schemas = Readonly<Record<string, JsonSchema>>;

/** A field of a body. `path` has a `[]` after each list. */
export type BodyField = { path: string; type: string; description: string | undefined };

/** The contract's objects, which the page of fields describes. */
const IN_FIELDS_PAGE = /^(SupplyPoint|Account|Payload)(Input)?$/;

/** Returns the fields of a body, each before the fields in it. The contract's own fields are left out. */
export function bodyFields(name: string, schemas: Schemas): BodyField[] {
  return [...fieldsIn(schemas[name]!, '', schemas)];
}

function* fieldsIn(schema: JsonSchema, prefix: string, schemas: Schemas): Generator<BodyField> {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const path = `${prefix}${name}`;
    yield { path, type: typeOf(property, schemas), description: property.description };
    const { inner, suffix } = objectIn(property, schemas);
    if (inner !== undefined) yield* fieldsIn(inner, `${path}${suffix}.`, schemas);
  }
}

/** Returns the object in a schema that may be a reference, null or a list; undefined for one that the page of fields describes. */
function objectIn(schema: JsonSchema, schemas: Schemas, suffix = ''): { inner?: JsonSchema; suffix: string } {
  const name = schema.$ref?.replace(/^.*\//, '');
  if (name !== undefined)
    return IN_FIELDS_PAGE.test(name) ? { suffix } : objectIn(schemas[name]!, schemas, suffix);
  if (schema.items !== undefined) return objectIn(schema.items, schemas, `${suffix}[]`);
  const notNull = schema.anyOf?.find(({ type }) => type !== 'null');
  if (notNull !== undefined) return objectIn(notNull, schemas, suffix);
  return schema.properties === undefined ? { suffix } : { inner: schema, suffix };
}

/** Returns a type for people, such as `list of objects` or `time or null`. */
function typeOf(schema: JsonSchema, schemas: Schemas): string {
  const { $ref, anyOf, items, enum: values, const: only, type, format } = schema;
  if ($ref !== undefined) return typeOf(schemas[$ref.replace(/^.*\//, '')]!, schemas);
  if (anyOf !== undefined) return anyOf.map((each) => typeOf(each, schemas)).join(' or ');
  if (items !== undefined) return `list of ${plural(typeOf(items, schemas))}`;
  if (values !== undefined) return values.length <= 3 ? values.join(' or ') : `one of ${values.join(', ')}`;
  if (only !== undefined) return JSON.stringify(only);
  if (format === 'date-time') return 'time';
  return type === 'string' ? 'text' : (type ?? 'any value');
}

const plural = (type: string): string => (type === 'text' ? 'texts' : `${type}s`);

/** Returns the constraints of a parameter's schema, such as `At least 1`. */
export function constraintsOf({ enum: values, minimum, maximum, default: fallback }: JsonSchema): string[] {
  return [
    ...(values === undefined ? [] : [`One of ${values.join(', ')}`]),
    ...(minimum === undefined ? [] : [`At least ${minimum}`]),
    ...(maximum === undefined ? [] : [`At most ${maximum}`]),
    ...(fallback === undefined ? [] : [`By default ${fallback}`]),
  ];
}
