import * as v from 'valibot';
import lists from './code-lists.json' with { type: 'json' };
import type { Code, ListName } from './codes.ts';
import { OBJECT_TEXTS, type ObjectName } from './descriptions.ts';
import { type FieldFacts, NON_FIELD_ERRORS, type ObjectRule } from './field.ts';
import { nested } from './nested.ts';
import type { FieldText } from './object-text.ts';
import { REMEDIES } from './remedies.ts';
import { messageOf, type RuleName } from './rules.ts';
import { supplyPointImport } from './supply-point-import.ts';
import { taskParameters } from './task-parameters.ts';

/** An error that a field can give: its rule, the message with limits filled in but `{value}` for what was sent, and what to do. */
export type DescribedError = { code: RuleName; message: string; remedy: string };

/** A field of a request, as its validation and descriptions.ts describe it. */
export type DescribedField = {
  /** Names joined by dots, such as `accounts.customers.mobile`: without `payload`, which holds the fields, and without the indexes of lists. */
  path: string;
  name: string;
  type:
    | 'text'
    | 'email'
    | 'code'
    | 'integer'
    | 'boolean'
    | 'date'
    | 'date-time'
    | 'object'
    | 'list of objects'
    | 'list of codes';
  required: boolean;
  nullable: boolean;
  /** The value if the field is absent. Undefined if it then stays absent. */
  default: unknown;
  limits: FieldLimits;
  /** The name of the contract's code list that it takes. */
  list: ListName | undefined;
  /** The codes that it takes. Undefined for import suppliers, which depend on the token. */
  codes: readonly Code[] | undefined;
  description: string;
  /** A valid value. Undefined for objects and lists of objects. */
  example: unknown;
  /** Where its rules come from. */
  source: string;
  errors: readonly DescribedError[];
};

/** Lengths are in code points. `pattern` is a regular expression for values that are not blank. */
export type FieldLimits = {
  min?: number;
  max?: number;
  mayBeBlank?: boolean;
  pattern?: string;
  itemsMin?: number;
};

/** Returns every field of a request, each before the fields in it. */
export function describedFields(): DescribedField[] {
  const request = nested({
    payload: supplyPointImport({ has: () => true }),
    task_params: v.optional(taskParameters('UTC'), {}),
  });
  return [...fieldsOf(request as unknown as Schema, 'request', '')];
}

/** The parts of valibot's schemas from which a description is made. */
type Schema = v.GenericSchema & {
  type: string;
  pipe?: readonly Schema[];
  wrapped?: Schema;
  default?: unknown;
  item?: Schema;
  entries?: Readonly<Record<string, Schema>>;
};

function* fieldsOf(object: Schema, objectName: ObjectName, path: string): Generator<DescribedField> {
  const { entries = {} } = partWith(object, 'entries')!;
  const facts = factsOf(object);
  const rules = facts.kind === 'object' ? facts.rules : [];
  for (const [name, schema] of Object.entries(entries)) {
    const fieldPath = `${path}${name}`;
    const about = rules.filter(({ under }) => under === name);
    yield describe(schema, { objectName, name, path: fieldPath, about });
    const inner = unwrapped(schema);
    const item = partWith(inner, 'item')?.item;
    const children = item ?? inner;
    if (partWith(children, 'entries') !== undefined) {
      yield* fieldsOf(children, name as ObjectName, name === 'payload' ? '' : `${fieldPath}.`);
    }
  }
}

type Place = { objectName: ObjectName; name: string; path: string; about: readonly ObjectRule[] };

function describe(schema: Schema, { objectName, name, path, about }: Place): DescribedField {
  const { source, fields } = OBJECT_TEXTS[objectName];
  const text = (fields as Readonly<Record<string, FieldText>>)[name]!;
  const { required, nullable, fallback } = presence(schema);
  const inner = unwrapped(schema);
  const facts = factsOf(inner);
  const item = partWith(inner, 'item')?.item;
  const value = item === undefined || facts.kind === 'list' ? facts : factsOf(item);
  const choice = value.kind === 'choice' ? value.codes : undefined;
  const rules = new Map<string, DescribedError>();
  const add = (rule: RuleName, values?: Readonly<Record<string, string | number>>) => {
    const message = messageOf(rule, values);
    rules.set(rule + message, { code: rule, message, remedy: REMEDIES[rule] });
  };
  if (required) add('required');
  if (!nullable || item !== undefined) add('null');
  for (const each of item === undefined ? [facts] : [facts, factsOf(item)]) addErrorsOf(each, add);
  for (const { rule, values } of about) add(rule, values);
  return {
    path,
    name,
    type: typeOf(facts),
    required,
    nullable,
    default: fallback,
    limits: limitsOf(facts),
    list: choice?.list,
    codes: choice?.list === undefined ? choice?.only : lists[choice.list].codes,
    description: text.description,
    example: text.example,
    source: text.source ?? (choice?.list === undefined ? source : lists[choice.list].source),
    errors: [...rules.values()],
  };
}

/** Adds the errors that a value can give by its facts, except for those that an object reports under its fields. */
function addErrorsOf(
  facts: FieldFacts,
  add: (rule: RuleName, values?: Readonly<Record<string, string | number>>) => void,
): void {
  switch (facts.kind) {
    case 'text':
    case 'email':
      add(facts.kind === 'text' ? 'not_text' : 'invalid_email');
      if (!facts.blank) add('blank');
      for (const { rule } of facts.rules) add(rule, facts.max === undefined ? {} : { max: facts.max });
      break;
    case 'choice':
      add('invalid_choice');
      break;
    case 'integer':
      add('not_integer');
      add('integer_too_long');
      add('min_value', { min: facts.min });
      break;
    case 'date-time':
      add('not_date_time');
      add('invalid_local_time');
      break;
    case 'boolean':
      add('not_boolean');
      break;
    case 'date':
      add('not_date');
      break;
    case 'object':
      add('not_object');
      for (const { rule, under, values } of facts.rules) if (under === NON_FIELD_ERRORS) add(rule, values);
      break;
    case 'list':
      add('not_list');
      add('null_items');
      break;
    case 'values':
      add('not_list');
      add('empty_list');
  }
}

function typeOf({ kind }: FieldFacts): DescribedField['type'] {
  if (kind === 'choice') return 'code';
  if (kind === 'list') return 'list of objects';
  return kind === 'values' ? 'list of codes' : kind;
}

function limitsOf(facts: FieldFacts): FieldLimits {
  switch (facts.kind) {
    case 'text':
    case 'email': {
      const pattern = facts.rules.find((rule) => rule.pattern !== undefined)?.pattern?.source;
      return {
        ...(facts.max !== undefined && { max: facts.max }),
        ...(pattern !== undefined && { pattern }),
        mayBeBlank: facts.blank,
      };
    }
    case 'choice':
      return { mayBeBlank: facts.blank };
    case 'integer':
      return { min: facts.min };
    case 'values':
      return { itemsMin: 1 };
    default:
      return {};
  }
}

/** The facts in a schema's metadata. @throws Error if it has none, because it was not made by `field` */
export function factsOf(schema: v.GenericSchema): FieldFacts {
  const { facts } = v.getMetadata(schema as Parameters<typeof v.getMetadata>[0]) as { facts?: FieldFacts };
  if (facts === undefined) throw new Error(`A schema of type ${schema.type} has no facts.`);
  return facts;
}

function unwrapped(schema: Schema): Schema {
  return schema.wrapped === undefined ? schema : unwrapped(schema.wrapped);
}

function presence(schema: Schema): { required: boolean; nullable: boolean; fallback: unknown } {
  const isOptional = schema.type === 'optional';
  const isNullable = schema.type === 'nullable' || schema.wrapped?.type === 'nullable';
  const { default: fallback } = schema;
  return {
    required: !isOptional,
    nullable: isNullable,
    fallback: typeof fallback === 'function' ? fallback() : fallback,
  };
}

/** Returns the first schema in a pipe, or in the pipes in it, that has entries or an item. */
function partWith(schema: Schema, part: 'entries' | 'item'): Schema | undefined {
  if (schema[part] !== undefined) return schema;
  for (const step of schema.pipe ?? []) {
    const found = step === schema ? undefined : partWith(step, part);
    if (found !== undefined) return found;
  }
  return undefined;
}
