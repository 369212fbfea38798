import * as v from 'valibot';
import type { Codes } from './codes.ts';
import { messageOf, type RuleName } from './rules.ts';

/** The key of errors about a whole object or list, or about several of its fields (DRF). */
export const NON_FIELD_ERRORS = 'non_field_errors';

/** Why a value is invalid: the messages to report, in order. They are reported under the key `under` of the value, if it is given. */
export class FieldError {
  readonly messages: readonly string[];
  readonly under: string | undefined;

  constructor(messages: string | readonly string[], under?: string) {
    this.messages = typeof messages === 'string' ? [messages] : messages;
    this.under = under;
  }
}

/** A rule that a text must meet. The text is not blank. */
export type TextRule = {
  rule: RuleName;
  /** Returns the message, or undefined when the text is valid. */
  check: (text: string) => string | undefined;
  /** The pattern that valid texts match, if that is the whole rule. */
  pattern?: RegExp;
};

/**
 * An error that an object's rule over several of its fields reports under one of them, or under {@link NON_FIELD_ERRORS}. `anyOf`: the fields of which the rule
 * wants one that is not blank.
 */
export type ObjectRule = {
  rule: RuleName;
  under: string;
  values?: Readonly<Record<string, string>>;
  anyOf?: readonly string[];
};

/** What a field's validation checks, as data: the field tables, the errors' catalogue and JSON Schema are made from it. */
export type FieldFacts =
  | { kind: 'text' | 'email'; max: number | undefined; blank: boolean; rules: readonly TextRule[] }
  | { kind: 'choice'; codes: Codes; blank: boolean }
  | { kind: 'integer'; min: number }
  | { kind: 'boolean' | 'date' | 'date-time' }
  | { kind: 'object'; rules: readonly ObjectRule[] }
  /** A list of objects, which may be empty, or one of values, which may not. */
  | { kind: 'list' | 'values' };

const NULL_ERROR = new FieldError(messageOf('null'));

/**
 * Returns the schema of a field. `read` returns the normalised data of a value, or a FieldError. Null is invalid unless the field is
 * wrapped in `nullable`. A missing field is invalid unless it is wrapped in `optional`. The schema's metadata are the field's facts.
 */
export function field<T>(of: FieldFacts, read: (value: unknown) => T | FieldError) {
  return v.pipe(v.unknown(), reading(read), facts(of));
}

/** Returns the step of a pipe that reads a value, as in {@link field}. */
export const reading = <T>(read: (value: unknown) => T | FieldError) =>
  v.rawTransform<unknown, T>(({ dataset, addIssue, NEVER }) => {
    const result = dataset.value === null ? NULL_ERROR : read(dataset.value);
    if (!(result instanceof FieldError)) return result;
    report(result, addIssue);
    return NEVER;
  });

/** Returns the metadata with a schema's facts. It is the last item of a pipe, where the converter to JSON Schema applies it. */
export const facts = <T>(facts: FieldFacts): v.MetadataAction<T, { facts: FieldFacts }> =>
  v.metadata({ facts });

type AddIssue = (issue: { message: string; path?: [v.IssuePathItem] }) => void;

/** Adds an issue for each message of an error. */
export function report({ messages, under }: FieldError, addIssue: AddIssue) {
  for (const message of messages) {
    addIssue(under === undefined ? { message } : { message, path: [pathItem(under)] });
  }
}

/** Returns a path item with this key. Error bodies use only the key. */
function pathItem(key: string): v.IssuePathItem {
  return { type: 'unknown', origin: 'value', input: undefined, key, value: undefined };
}
