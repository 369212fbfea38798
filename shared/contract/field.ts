import * as v from 'valibot';

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

export const MAY_NOT_BE_NULL = 'This field may not be null.';
const NULL_ERROR = new FieldError(MAY_NOT_BE_NULL);

/**
 * Returns the schema of a field. `read` returns the normalised data of a value, or a FieldError. Null is invalid unless the field is
 * wrapped in `nullable`. A missing field is invalid unless it is wrapped in `optional`.
 */
export function field<T>(read: (value: unknown) => T | FieldError) {
  return v.pipe(
    v.unknown(),
    v.rawTransform<unknown, T>(({ dataset, addIssue, NEVER }) => {
      const result = dataset.value === null ? NULL_ERROR : read(dataset.value);
      if (!(result instanceof FieldError)) return result;
      report(result, addIssue);
      return NEVER;
    }),
  );
}

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
