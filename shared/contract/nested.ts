import * as v from 'valibot';
import { FieldError, field, MAY_NOT_BE_NULL, NON_FIELD_ERRORS, report } from './field.ts';
import { isDictionary, typeName } from './python-values.ts';

/** An object of fields; unknown ones are dropped. `rule` sees it only once all its fields are valid (DRF: Serializer). */
export function nested<E extends v.ObjectEntries>(
  entries: E,
  rule: (value: v.InferOutput<v.ObjectSchema<E, string>>) => FieldError | undefined = () => undefined,
) {
  return v.pipe(
    field((value): unknown => {
      if (isDictionary(value)) return value;
      const message = `Invalid data. Expected a dictionary, but got ${typeName(value)}.`;
      return new FieldError(message, NON_FIELD_ERRORS);
    }),
    v.object(entries, 'This field is required.'),
    v.rawCheck(({ dataset, addIssue }) => {
      const refusal = dataset.typed && !dataset.issues && rule(dataset.value);
      if (refusal) report(refusal, addIssue);
    }),
  );
}

/** A list of objects (DRF: ListSerializer). */
export function listOf<T extends v.GenericSchema>(item: T) {
  return v.pipe(
    field((value): unknown => {
      if (!Array.isArray(value)) return new FieldError(notAList(value), NON_FIELD_ERRORS);
      return value.length > 0 && value.every((one) => one === null) ? onlyNulls(value) : value;
    }),
    v.array(item),
  );
}

/** A list of values, not empty (DRF: ListField). */
export function valuesOf<T extends v.GenericSchema>(item: T) {
  return v.pipe(
    field((value): unknown => {
      if (!Array.isArray(value)) return new FieldError(notAList(value));
      return value.length === 0 ? new FieldError('This list may not be empty.') : value;
    }),
    v.array(item),
  );
}

const notAList = (value: unknown) => `Expected a list of items but got type "${typeName(value)}".`;

/** Where every item is null, upstream writes each one's list of messages as text, and without its index. */
const onlyNulls = (items: unknown[]) => new FieldError(items.map(() => `['${MAY_NOT_BE_NULL}']`));
