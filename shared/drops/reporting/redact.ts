import type { ErrorBody } from '../../contract/request.ts';

/**
 * Fields whose wrong values may be quoted in reports: codes and identifiers that are not personal data. Values of other fields, such as
 * those of customers and outage contacts, are never quoted. `*` stands for an index.
 */
export const QUOTED_FIELDS: ReadonlySet<string> = new Set([
  'import_supplier',
  'supply_point.identifier',
  'supply_point.supply_type',
  'accounts.*.account_type',
]);

/** Longer messages do not quote a code. A quoted list or object may contain personal data. */
const QUOTING_LENGTH_MAX = 160;
const QUOTES_LIST_OR_OBJECT = /^"[[{]/;

/** Joins a field's path in an error body, with `*` for each index: `accounts.*.account_type`. */
export const fieldAt = (path: readonly string[]): string =>
  path.map((step) => (/^\d+$/.test(step) ? '*' : step)).join('.');

/** Returns whether a report may contain this message of a field unredacted. */
export const mayQuote = (field: string, message: string): boolean =>
  QUOTED_FIELDS.has(field) && message.length <= QUOTING_LENGTH_MAX && !QUOTES_LIST_OR_OBJECT.test(message);

/** Endings of the contract's messages that begin with the quoted value. */
const AFTER_QUOTE = [
  ' is not a valid choice.',
  ' is not a valid phone number',
  ' is not a valid number.',
  ' is not a valid postcode.',
  ' is not a valid supply point identifier.',
  ' may be a test email address.',
];

/** The contract's messages without quoted values. */
const WITHOUT_QUOTE = [
  /^This field (?:is required|may not be null|may not be blank)\.$/,
  /^\['This field may not be null\.'\]$/,
  /^This field is required when [a-z0-9_]+ is provided\.$/,
  /^(?:Not a valid string|A valid integer is required|Must be a valid boolean|String value too large)\.$/,
  /^Date has wrong format\. Use one of these formats instead: YYYY-MM-DD\.$/,
  /^Datetime has wrong format\. Use one of these formats instead: [-YMDThmsuHZ:.[\]+|]+\.$/,
  /^Invalid datetime for the timezone "[A-Za-z0-9_+/-]+"\.$/,
  /^Enter a valid email address\.$/,
  /^Null characters are not allowed\.$/,
  /^Surrogate characters are not allowed: U\+[0-9A-F]{4}\.$/,
  /^Ensure this field has no more than \d+ characters\.$/,
  /^Ensure this field has at most \d+ lines of no more than \d+ characters each\.$/,
  /^Ensure this field contains only capital letters A-Z\.$/,
  /^Ensure this value is greater than or equal to \d+\.$/,
  /^Delivery point identifier may contain only capital letters and numbers\.$/,
  /^Provide either street_address or structured_street_address, not both\.$/,
  /^The address has no street, postal delivery, lot, property name or location\.$/,
  /^A customer may not be named "The Occupier"\.$/,
  /^Invalid data\. Expected a dictionary, but got [A-Za-z]+\.$/,
  /^Expected a list of items but got type "[A-Za-z]+"\.$/,
  /^This list may not be empty\.$/,
  /^No data provided$/,
];

/** Removes the quoted value from a message: `"x" is not a valid choice.` → `… is not a valid choice.` An unknown message becomes `…`. */
export function redactMessage(message: string): string {
  const ending = AFTER_QUOTE.find((each) => message.endsWith(each));
  if (ending !== undefined) return `…${ending}`;
  return WITHOUT_QUOTE.some((pattern) => pattern.test(message)) ? message : '…';
}

/**
 * Returns the error body without personal data. Only values of {@link QUOTED_FIELDS} stay quoted, because more people have access to
 * reports than to the data. Messages of unknown rules are removed.
 */
export function redact(errors: ErrorBody): ErrorBody {
  return redactObject(errors, []);
}

/** Keys beside errors, whose values are not personal data: the code of a `detail`, and a valid identifier. */
const BESIDE_ERRORS: ReadonlySet<string> = new Set(['code', 'supply_point_identifier']);

function redactObject(errors: ErrorBody, path: readonly string[]): ErrorBody {
  const entries = Object.entries(errors).map(([step, below]) => [step, redactBelow(below, [...path, step])]);
  return Object.fromEntries(entries);
}

function redactBelow(value: unknown, path: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => redactBelow(item, path));
  if (typeof value === 'object' && value !== null) {
    // Errors with a code are about an import or a schedule window. They contain only the supplier and the identifier.
    return isCoded(value) ? value : redactObject(value as ErrorBody, path);
  }
  if (typeof value !== 'string') return value;
  const field = fieldAt(path);
  if (BESIDE_ERRORS.has(field) || mayQuote(field, value)) return value;
  return field === 'detail' ? redactParseError(value) : redactMessage(value);
}

/** Returns whether a value is an API error with a code: `{"detail": …, "code": …}`. */
export const isCoded = (value: object): value is { code: string; detail: string } =>
  'code' in value && typeof value.code === 'string' && 'detail' in value && typeof value.detail === 'string';

/** Redacts the error of a row that could not be parsed. Parsers may quote the row in double quotes. */
const redactParseError = (message: string): string => message.replace(/".*"/s, '"…"');
