import * as v from 'valibot';
import { ERRORS_BYTES_MAX } from './error-body.ts';
import { FieldError, facts, NON_FIELD_ERRORS, type ObjectRule, reading, report } from './field.ts';
import { isDictionary, typeName } from './python-values.ts';
import { messageOf } from './rules.ts';

/**
 * Returns the schema of an object. Unknown fields are dropped. `rule` is checked only when all fields are valid (DRF: Serializer); `rules` are the errors that it
 * may report.
 */
export function nested<E extends v.ObjectEntries>(
  entries: E,
  rule: (value: v.InferOutput<v.ObjectSchema<E, string>>) => FieldError | undefined = () => undefined,
  rules: readonly ObjectRule[] = [],
) {
  return v.pipe(
    v.unknown(),
    reading((value): unknown => {
      if (isDictionary(value)) return value;
      return new FieldError(messageOf('not_object', { type: typeName(value) }), NON_FIELD_ERRORS);
    }),
    v.object(entries, messageOf('required')),
    v.rawCheck(({ dataset, addIssue }) => {
      const error = dataset.typed && !dataset.issues && rule(dataset.value);
      if (error) report(error, addIssue);
    }),
    facts({ kind: 'object', rules }),
  );
}

/** Returns the schema of a list of objects (DRF: ListSerializer). */
export function listOf<T extends v.GenericSchema>(item: T) {
  return v.pipe(
    v.unknown(),
    reading((value): unknown => {
      if (!Array.isArray(value)) return new FieldError(notAList(value), NON_FIELD_ERRORS);
      return value.length > 0 && value.every((one) => one === null) ? onlyNulls(value) : value;
    }),
    boundedArray(item),
    facts({ kind: 'list' }),
  );
}

/** Returns the schema of a list of values that must not be empty (DRF: ListField). */
export function valuesOf<T extends v.GenericSchema>(item: T) {
  return v.pipe(
    v.unknown(),
    reading((value): unknown => {
      if (!Array.isArray(value)) return new FieldError(notAList(value));
      return value.length === 0 ? new FieldError(messageOf('empty_list')) : value;
    }),
    boundedArray(item),
    facts({ kind: 'values' }),
  );
}

const notAList = (value: unknown) => messageOf('not_list', { type: typeName(value) });

const onlyNulls = (items: unknown[]) => new FieldError(items.map(() => messageOf('null_items')));

/**
 * Like valibot's `array`, but skips the remaining items when the errors of the list exceed {@link ERRORS_BYTES_MAX}. An item must not
 * contain the same list, because the list has one count of bytes.
 */
function boundedArray<T extends v.GenericSchema>(item: T): v.ArraySchema<T, undefined> {
  let errorBytes = 0;
  const bounded: T = {
    ...item,
    '~run'(dataset, config) {
      if (errorBytes > ERRORS_BYTES_MAX) return { typed: true, value: undefined };
      const result = item['~run'](dataset, config);
      if (result.issues !== undefined) errorBytes += minimumBytes(result.issues);
      return result;
    },
  };
  const array = v.array(bounded);
  return {
    ...array,
    item,
    '~run'(dataset, config) {
      errorBytes = 0;
      return array['~run'](dataset, config);
    },
  };
}

/** Returns a lower bound of the JSON bytes that an item's errors add to the error body: `"0":{"title":["This field is required."]}`. */
function minimumBytes(issues: readonly v.BaseIssue<unknown>[]): number {
  let bytes = '"0":'.length;
  let before: unknown;
  for (const { path, message } of issues) {
    const field = path?.at(-1)?.key;
    // Messages about one field are consecutive, and are in one list.
    if (field !== undefined && field !== before) bytes += '"":[]'.length + String(field).length;
    bytes += '""'.length + message.length;
    before = field;
  }
  return bytes;
}
