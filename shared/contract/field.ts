import * as v from 'valibot';

/** The key of errors that are about an object or a list itself, or about several of its fields (DRF). */
export const NON_FIELD_ERRORS = 'non_field_errors';

/** Why a value is refused: the messages to report, in order; `under` names a key beneath the value to report them under. */
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
 * A field: `read` answers the data that a value stands for, or a FieldError. Null is refused here (`nullable` lets it in), and a
 * field that is left out is its object's concern (`optional`).
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

/** Adds an issue for each message of the refusal. */
export function report({ messages, under }: FieldError, addIssue: AddIssue) {
  for (const message of messages) {
    addIssue(under === undefined ? { message } : { message, path: [step(under)] });
  }
}

/** A step of an issue's path; all that an error body needs of it is its key. */
function step(key: string): v.IssuePathItem {
  return { type: 'unknown', origin: 'value', input: undefined, key, value: undefined };
}
