import type { ErrorBody } from '../contract/request.ts';

/**
 * The fields whose wrong values reports quote: codes and identifiers that are nobody's personal data. What stands in any other field, above
 * all in those of customers and outage contacts, is quoted nowhere. `*` stands for an index.
 */
export const QUOTED_FIELDS: ReadonlySet<string> = new Set([
  'import_supplier',
  'supply_point.identifier',
  'supply_point.supply_type',
  'accounts.*.account_type',
]);

/** Longer messages quote no code; and those with a list or an object may quote anything. */
const QUOTING_LENGTH_MAX = 160;
const QUOTES_LIST_OR_OBJECT = /^"[[{]/;

/** A field's path in an error body as one text, with `*` for each index: `accounts.*.account_type`. */
export const fieldAt = (path: readonly string[]): string =>
  path.map((step) => (/^\d+$/.test(step) ? '*' : step)).join('.');

/** Whether a report may have this message of a field as it is. */
export const mayQuote = (field: string, message: string): boolean =>
  QUOTED_FIELDS.has(field) && message.length <= QUOTING_LENGTH_MAX && !QUOTES_LIST_OR_OBJECT.test(message);

/** How the contract's messages end that begin with what was sent. */
const AFTER_QUOTE = [
  ' is not a valid choice.',
  ' is not a valid phone number',
  ' is not a valid number.',
  ' is not a valid postcode.',
  ' is not a valid supply point identifier.',
  ' may be a test email address.',
];

/** The contract's messages that quote nothing. */
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

/** A message without what it quotes: `"x" is not a valid choice.` → `… is not a valid choice.` One that is not known is left out whole: `…`. */
export function redactMessage(message: string): string {
  const ending = AFTER_QUOTE.find((each) => message.endsWith(each));
  if (ending !== undefined) return `…${ending}`;
  return WITHOUT_QUOTE.some((pattern) => pattern.test(message)) ? message : '…';
}

/**
 * An error body as the endpoint would give it, but that nothing in it quotes what was sent, save in {@link QUOTED_FIELDS}: reports are read, sent
 * and kept by more people than the data is. The field decides, not the message: a rule that is new to this file loses its message rather
 * than a person their privacy.
 */
export function redact(errors: ErrorBody): ErrorBody {
  return redactObject(errors, []);
}

/** The code of a `detail`; and beside an error with a code, an identifier that was valid. */
const BESIDE_ERRORS: ReadonlySet<string> = new Set(['code', 'supply_point_identifier']);

function redactObject(errors: ErrorBody, path: readonly string[]): ErrorBody {
  const entries = Object.entries(errors).map(([step, below]) => [step, redactBelow(below, [...path, step])]);
  return Object.fromEntries(entries);
}

function redactBelow(value: unknown, path: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => redactBelow(item, path));
  if (typeof value === 'object' && value !== null) {
    // An error with a code is about an import or a schedule window, and names no more than the supplier and the identifier.
    return isCoded(value) ? value : redactObject(value as ErrorBody, path);
  }
  if (typeof value !== 'string') return value;
  const field = fieldAt(path);
  if (BESIDE_ERRORS.has(field) || mayQuote(field, value)) return value;
  return field === 'detail' ? redactParseError(value) : redactMessage(value);
}

/** Whether it is an error with a code, as the API answers it: `{"detail": …, "code": …}`. */
export const isCoded = (value: object): value is { code: string; detail: string } =>
  'code' in value && typeof value.code === 'string' && 'detail' in value && typeof value.detail === 'string';

/** What is said of a row that could not be read as one; parsers may quote it, in double quotes. */
const redactParseError = (message: string): string => message.replace(/".*"/s, '"…"');
