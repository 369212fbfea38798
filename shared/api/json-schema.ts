import { type ConversionConfig, toJsonSchemaDefs } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import { Address, StructuredStreetAddress } from '../contract/address.ts';
import lists from '../contract/code-lists.json' with { type: 'json' };
import type { ListName } from '../contract/codes.ts';
import { Customer } from '../contract/customer.ts';
import { OBJECT_TEXTS, type ObjectName } from '../contract/descriptions.ts';
import type { FieldFacts, ObjectRule } from '../contract/field.ts';
import type { FieldText } from '../contract/object-text.ts';
import { OutageContact, PhoneNumber } from '../contract/outage-contact.ts';
import { Account, SupplyPoint } from '../contract/supply-point-import.ts';
import { SCHEMAS, type SchemaName } from './schemas.ts';

/** A JSON Schema (draft 2020-12, as OpenAPI 3.1 uses it). */
export type JsonSchema = { [keyword: string]: unknown };

/** What a value is after validation, or what it may be in a request, such as a number as text. */
type Side = 'answered' | 'sent';

/** The contract's objects, with the names of their texts. Each is a component of its own. */
const OBJECTS = {
  SupplyPoint: { schema: SupplyPoint, texts: 'supply_point' },
  Account: { schema: Account, texts: 'accounts' },
  Customer: { schema: Customer, texts: 'customers' },
  OutageContact: { schema: OutageContact, texts: 'outage_contact' },
  PhoneNumber: { schema: PhoneNumber, texts: 'phone_1' },
  Address: { schema: Address, texts: 'postal_address' },
  StructuredStreetAddress: { schema: StructuredStreetAddress, texts: 'structured_street_address' },
} as const satisfies Readonly<Record<string, { schema: v.GenericSchema; texts: ObjectName }>>;

const REQUESTS: readonly SchemaName[] = ['ValidateRequest', 'CreateRequest'];

/** Returns the JSON Schemas of all bodies, by their names, with their references to `#/components/schemas/`. */
export function jsonSchemas(): Record<string, JsonSchema> {
  const names = Object.keys(SCHEMAS) as SchemaName[];
  const isRequest = (name: SchemaName) => REQUESTS.includes(name);
  const named = (wanted: readonly SchemaName[]) =>
    Object.fromEntries(wanted.map((name) => [name, SCHEMAS[name]]));
  const answered = converted('answered', '', named(names.filter((name) => !isRequest(name))));
  const sent = converted('sent', 'Input', { PayloadInput: SCHEMAS.ValidatedPayload, ...named(REQUESTS) });
  describe(answered['ValidatedPayload']!, 'payload');
  describe(sent['PayloadInput']!, 'payload');
  for (const name of REQUESTS) describe(sent[name]!, 'request');
  describe(
    (sent['CreateRequest']!['properties'] as Record<string, JsonSchema>)['task_params']!,
    'task_params',
  );
  return { ...codeSchemas(), ...answered, ...sent };
}

/** Converts the contract's objects, with this suffix to their names, and these schemas. */
function converted(
  side: Side,
  suffix: string,
  schemas: Record<string, v.GenericSchema>,
): Record<string, JsonSchema> {
  const objects = Object.entries(OBJECTS).map(([name, { schema }]) => [`${name}${suffix}`, schema] as const);
  const definitions = toJsonSchemaDefs(
    { ...Object.fromEntries(objects), ...schemas } as Parameters<typeof toJsonSchemaDefs>[0],
    config(side),
  ) as Record<string, JsonSchema>;
  for (const [name, { texts }] of Object.entries(OBJECTS)) describe(definitions[`${name}${suffix}`]!, texts);
  return definitions;
}

const refTo = (name: string) => `#/components/schemas/${name}`;

/** How to convert the contract's fields, whose validation is code: by their facts. */
const config = (side: Side): ConversionConfig => ({
  target: 'draft-2020-12',
  typeMode: 'output',
  ignoreActions: ['raw_transform', 'raw_check'],
  overrideRef: ({ referenceId }) => refTo(referenceId),
  overrideAction({ valibotAction, jsonSchema }) {
    const { metadata } = valibotAction as { metadata?: { facts?: FieldFacts } };
    const facts = metadata?.facts;
    if (facts === undefined) return undefined;
    const { facts: _, ...rest } = jsonSchema as JsonSchema;
    return { ...rest, ...schemaOf(facts, side) };
  },
  overrideSchema({ valibotSchema, jsonSchema }) {
    if (side === 'sent') return undefined;
    const { type, entries } = valibotSchema as {
      type: string;
      entries?: Record<string, { default?: unknown }>;
    };
    // After validation a field with a default is always there.
    if (type === 'optional') {
      const { default: _, ...rest } = jsonSchema;
      return rest;
    }
    if (entries === undefined) return undefined;
    const filled = Object.keys(entries).filter((name) => entries[name]!.default !== undefined);
    return { ...jsonSchema, required: [...new Set([...(jsonSchema.required ?? []), ...filled])] };
  },
});

/** Returns the schema of a field by its facts. Objects and lists have theirs from valibot. */
function schemaOf(facts: FieldFacts, side: Side): JsonSchema {
  const isSent = side === 'sent';
  switch (facts.kind) {
    case 'text':
    case 'email': {
      const { max, blank, rules } = facts;
      const pattern = facts.kind === 'email' ? '@' : rules.find((rule) => rule.pattern)?.pattern?.source;
      return {
        // The API takes numbers, too, but a pattern or a length would not apply to them.
        type: 'string',
        ...(max !== undefined && { maxLength: max }),
        ...(pattern !== undefined && { pattern: blank ? `^$|${pattern}` : pattern }),
        ...(pattern === undefined && !blank && (isSent ? { pattern: '\\S' } : { minLength: 1 })),
      };
    }
    case 'choice':
      return choiceSchema(facts);
    case 'integer':
      return isSent
        ? { type: ['integer', 'string'], minimum: facts.min, pattern: '^[0-9]+$' }
        : { type: 'integer', minimum: facts.min };
    case 'boolean':
      return { type: 'boolean' };
    case 'date':
    case 'date-time':
      return { type: 'string', format: facts.kind };
    case 'object':
      return crossFieldRules(facts.rules);
    case 'values':
      return { minItems: 1 };
    case 'list':
      return {};
  }
}

function choiceSchema({ codes, blank }: Extract<FieldFacts, { kind: 'choice' }>): JsonSchema {
  if (codes.only !== undefined) return { type: 'string', enum: codes.only.map(({ code }) => code) };
  if (codes.list === undefined) return { type: 'string' };
  const code = { $ref: refTo(codeSchemaName(codes.list)) };
  return blank ? { anyOf: [code, { const: '' }] } : code;
}

/** Returns the schemas of the code lists, by name. */
function codeSchemas(): Record<string, JsonSchema> {
  return Object.fromEntries(
    Object.entries(lists).map(([list, { source, codes }]) => [
      codeSchemaName(list as ListName),
      {
        type: 'string',
        description: `Source: ${source}.`,
        enum: codes.map(({ code }) => code),
        'x-enumDescriptions': Object.fromEntries(codes.map(({ code, name }) => [code, name])),
      },
    ]),
  );
}

/** `street_type` is `StreetTypeCode`. */
const codeSchemaName = (list: ListName): string =>
  `${list.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())}Code`;

const given = (field: string): JsonSchema => ({
  required: [field],
  properties: { [field]: { not: { const: '' } } },
});

/** Rules over several fields, as far as JSON Schema has words for them. */
function crossFieldRules(rules: readonly ObjectRule[]): JsonSchema {
  const allOf = rules.flatMap<JsonSchema>(({ rule, under, values, anyOf }) => {
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    if (rule === 'required_with') return [{ if: given(values!['field']!), then: given(under) }];
    if (rule === 'two_street_addresses') return [{ properties: { street_address: { pattern: '^\\s*$' } } }];
    return anyOf === undefined ? [] : [{ anyOf: anyOf.map(given) }];
  });
  return allOf.length === 0 ? {} : { allOf };
}

/** Adds the descriptions and examples of an object and its fields. */
function describe(schema: JsonSchema, texts: ObjectName): void {
  const { description, source, fields } = OBJECT_TEXTS[texts];
  schema['description'] = `${description} Source: ${source}.`;
  for (const [name, property] of Object.entries(schema['properties'] as Record<string, JsonSchema>)) {
    const text = (fields as Readonly<Record<string, FieldText>>)[name]!;
    property['description'] =
      text.description + (text.source === undefined ? '' : ` Source: ${text.source}.`);
    if (text.example !== undefined) property['examples'] = [text.example];
  }
}
