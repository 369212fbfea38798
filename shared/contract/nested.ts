import * as v from 'valibot';
import { ERRORS_BYTES_MAX } from './error-body.ts';
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
    boundedArray(item),
  );
}

/** A list of values, not empty (DRF: ListField). */
export function valuesOf<T extends v.GenericSchema>(item: T) {
  return v.pipe(
    field((value): unknown => {
      if (!Array.isArray(value)) return new FieldError(notAList(value));
      return value.length === 0 ? new FieldError('This list may not be empty.') : value;
    }),
    boundedArray(item),
  );
}

const notAList = (value: unknown) => `Expected a list of items but got type "${typeName(value)}".`;

/** Where every item is null, upstream writes each one's list of messages as text, and without its index. */
const onlyNulls = (items: unknown[]) => new FieldError(items.map(() => `['${MAY_NOT_BE_NULL}']`));

/**
 * As valibot's `array`, but that items are skipped once the errors of those before have more bytes than anybody is told of. A list with fewer
 * errors is validated whole. An item may not have this same list in it: the list has one count.
 */
function boundedArray<T extends v.GenericSchema>(item: T): v.ArraySchema<T, undefined> {
  let errorBytes = 0;
  const bounded: T = {
    ...item,
    '~run'(dataset, config) {
      if (errorBytes > ERRORS_BYTES_MAX) return { typed: true, value: undefined };
      const read = item['~run'](dataset, config);
      if (read.issues !== undefined) errorBytes += bytesLeast(read.issues);
      return read;
    },
  };
  const array = v.array(bounded);
  return {
    ...array,
    '~run'(dataset, config) {
      errorBytes = 0;
      return array['~run'](dataset, config);
    },
  };
}

/** What an item's errors add to the error body at least, in bytes of JSON: `"0":{"title":["This field is required."]}`. */
function bytesLeast(issues: readonly v.BaseIssue<unknown>[]): number {
  let bytes = '"0":'.length;
  let before: unknown;
  for (const { path, message } of issues) {
    const field = path?.at(-1)?.key;
    // Messages about one field follow one another, and stand in one list.
    if (field !== undefined && field !== before) bytes += '"":[]'.length + String(field).length;
    bytes += '""'.length + message.length;
    before = field;
  }
  return bytes;
}
