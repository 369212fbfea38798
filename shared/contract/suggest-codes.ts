import lists from './code-lists.json' with { type: 'json' };
import { AUSTRALIA } from './codes.ts';
import type { ErrorBody } from './error-body.ts';
import { nearest } from './nearest.ts';

/** A valid code, and its name. */
export type SuggestedCode = { code: string; name: string };

/** The nearest valid codes for fields with an invalid code, by path, such as `accounts.0.account_type`. */
export type Suggestions = Record<string, readonly SuggestedCode[]>;

/** Largest number of fields of a request with suggestions, which limits the time of the search. */
export const SUGGESTED_FIELDS_MAX = 10;

const WRONG_CODE = / is not a valid choice\.$/;

type List = keyof typeof lists;

/** The code list of each field, by the field's name. */
const LIST_OF: Readonly<Record<string, List>> = {
  supply_type: 'supply_type',
  account_type: 'account_type',
  title: 'title',
  account_roles: 'account_role',
  name_type: 'name_type',
  service_type: 'phone_service_type',
  administrative_area: 'administrative_area',
  flat_or_unit_type: 'flat_or_unit_type',
  floor_or_level_type: 'floor_or_level_type',
  postal_delivery_type: 'postal_delivery_type',
  street_suffix: 'street_suffix',
  street_type: 'street_type',
};

const COUNTRIES: readonly SuggestedCode[] = [AUSTRALIA];

/**
 * Suggests valid codes for the fields that have an invalid one: at most three for each of the first ten such fields. It compares codes and
 * names, so it suggests `ST` for the street type `Street`. The API's own responses do not have suggestions, because upstream's have none.
 *
 * @param body the request, as parsed from JSON
 * @param errors the errors of the request, from validateCreateRequest
 * @param suppliers the codes of the import suppliers that may be suggested
 */
export function suggestCodes(body: unknown, errors: ErrorBody, suppliers: Iterable<string>): Suggestions {
  const suggestions: Suggestions = {};
  let found = 0;
  const visit = (value: unknown, path: readonly string[]): void => {
    if (found === SUGGESTED_FIELDS_MAX) return;
    if (Array.isArray(value)) {
      if (!value.some((message) => typeof message === 'string' && WRONG_CODE.test(message))) return;
      const sent = valueAt(body, ['payload', ...path]);
      if (typeof sent !== 'string') return;
      const near = nearestCodes(path, sent, suppliers);
      if (near.length === 0) return;
      suggestions[path.join('.')] = near;
      found += 1;
    } else if (typeof value === 'object' && value !== null) {
      for (const [step, below] of Object.entries(value)) visit(below, [...path, step]);
    }
  };
  visit(errors, []);
  return suggestions;
}

function nearestCodes(
  path: readonly string[],
  sent: string,
  suppliers: Iterable<string>,
): readonly SuggestedCode[] {
  const field = path.findLast((step) => !/^\d+$/.test(step)) ?? '';
  if (field === 'import_supplier') {
    return nearestOf(
      sent,
      [...suppliers].map((code) => ({ code, name: code })),
    );
  }
  if (field === 'country') return COUNTRIES;
  const list = LIST_OF[field];
  return list === undefined ? [] : cachedNearest(list, sent);
}

/** Includes codes that differ much, because they show the format of the list's codes. */
const nearestOf = (sent: string, list: readonly SuggestedCode[]): readonly SuggestedCode[] =>
  nearest(sent, list, ({ code, name }) => [code, name], { likelyOnly: false }).map(({ code, name }) => ({
    code,
    name,
  }));

/** Size of the cache of suggestions. Invalid codes repeat in the rows of a drop, and a long list takes half a millisecond. */
const CACHE_ENTRIES_MAX = 1000;
const cache = new Map<string, readonly SuggestedCode[]>();

function cachedNearest(list: List, sent: string): readonly SuggestedCode[] {
  const key = `${list} ${sent}`;
  const known = cache.get(key) ?? nearestOf(sent, lists[list].codes);
  if (cache.size >= CACHE_ENTRIES_MAX) cache.clear();
  if (sent.length <= 100) cache.set(key, known);
  return known;
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<string, unknown>)[step];
  }
  return at;
}
