import * as v from 'valibot';
import { moment } from '../../../shared/contract/calendar.ts';
import { type ErrorBody, errorBody, type Validated } from '../../../shared/contract/error-body.ts';
import { isDictionary, isNumber, typeName } from '../../../shared/contract/python-values.ts';
import { messageOf } from '../../../shared/contract/rules.ts';
import { ImportSupplier } from '../../../shared/suppliers/registry.ts';
import { Role, SUPPLIERS_PER_TOKEN_MAX, Token } from '../../../shared/suppliers/tokens.ts';

/** Requests that administer suppliers, tokens and scenarios. Most texts are Django REST framework's. */

const TEXT = 'Not a valid string.';
const boolean = v.boolean('Must be a valid boolean.');
const choice = <const T extends readonly string[]>(options: T) =>
  v.picklist(options, ({ input }) => `${JSON.stringify(input)} is not a valid choice.`);
const migration = choice(['open', 'closed']);

/** Unlike in imports, unknown fields are errors: a misspelt `expires_at` would make a token that never expires. */
const request = <Entries extends v.ObjectEntries>(entries: Entries) =>
  v.strictObject(entries, ({ expected }) =>
    expected === 'never' ? 'There is no field of this name.' : messageOf('required'),
  );

/** A time in the future, which is normalised to epoch ms. A date is its midnight; times without an offset are in the environment's zone. */
const futureTime = (now: number, timeZone: string) =>
  v.pipe(
    v.string(messageOf('not_date_time')),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const at = moment(dataset.value, timeZone);
      const wrong =
        at === undefined
          ? messageOf('not_date_time')
          : at === 'invalid'
            ? messageOf('invalid_local_time', { zone: timeZone })
            : at <= now && 'This time is not in the future.';
      if (!wrong) return at as number;
      addIssue({ message: wrong });
      return NEVER;
    }),
  );

const SupplierRequest = request({
  migration: v.optional(migration),
  ignores_unknown_columns: v.optional(boolean),
});
const NewSupplierRequest = request({
  code: v.pipe(
    v.string(TEXT),
    v.check(
      (code) => v.is(ImportSupplier.entries.code, code),
      'A code has at most 64 capitals, digits, _ and -, and begins with a capital or a digit.',
    ),
  ),
  migration: v.optional(migration, 'open'),
  ignores_unknown_columns: v.optional(boolean),
});
const NewTokenRequest = (now: number, timeZone: string) =>
  request({
    name: v.pipe(
      v.string(TEXT),
      v.trim(),
      v.nonEmpty('This field may not be blank.'),
      v.check(
        (name) => v.is(Token.entries.name, name) && !/\p{Cc}/u.test(name) && name.isWellFormed(),
        'A name has at most 128 characters, and no control characters.',
      ),
    ),
    role: choice(Role.options),
    suppliers: v.optional(
      v.pipe(
        v.array(v.string(TEXT), ({ input }) => messageOf('not_list', { type: typeName(input) })),
        v.nonEmpty(messageOf('empty_list')),
        v.maxLength(
          SUPPLIERS_PER_TOKEN_MAX,
          `A token has at most ${SUPPLIERS_PER_TOKEN_MAX} import suppliers.`,
        ),
      ),
    ),
    expires_at: v.nullish(futureTime(now, timeZone)),
  });
const RotateRequest = (now: number, timeZone: string) =>
  request({
    expires_at: v.nullish(futureTime(now, timeZone)),
    old_until: v.nullish(futureTime(now, timeZone)),
  });
const RevokeRequest = request({ even_if_last: v.optional(boolean, false) });
const ScenariosRequest = request({
  rules: v.unknown(),
  revision: v.optional(
    v.custom<number>(
      (value) => isNumber(value) && Number.isSafeInteger(value),
      'A valid integer is required.',
    ),
  ),
});

/** Validates a body, as parsed from JSON, and returns all its errors. */
function reader<Schema extends v.GenericSchema>(schema: Schema) {
  return (body: unknown): Validated<v.InferOutput<Schema>> => {
    if (!isDictionary(body)) {
      const errors: ErrorBody = { non_field_errors: [messageOf('not_object', { type: typeName(body) })] };
      return { valid: false, errors };
    }
    const read = v.safeParse(schema, body);
    return read.success
      ? { valid: true, data: read.output }
      : { valid: false, errors: errorBody(read.issues) };
  };
}

export const readSupplierRequest = reader(SupplierRequest);
export const readNewSupplierRequest = reader(NewSupplierRequest);
/** @param now epoch ms @param timeZone an IANA name */
export const readNewTokenRequest = (body: unknown, now: number, timeZone: string) =>
  reader(NewTokenRequest(now, timeZone))(body);
/** @param now epoch ms @param timeZone an IANA name */
export const readRotateRequest = (body: unknown, now: number, timeZone: string) =>
  reader(RotateRequest(now, timeZone))(body);
export const readRevokeRequest = reader(RevokeRequest);
export const readScenariosRequest = reader(ScenariosRequest);
