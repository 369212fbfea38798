import lists from './code-lists.json' with { type: 'json' };
import type { ErrorBody } from './error-body.ts';
import { nearest } from './nearest.ts';

/** A valid code, and its name. */
export type SuggestedCode = { code: string; name: string };

/** The nearest valid codes for each field with a wrong one, by the field's path: `accounts.0.account_type`. */
export type Suggestions = Record<string, readonly SuggestedCode[]>;

/** Fields of one request that get suggestions; looking for them is bounded so. */
export const SUGGESTED_FIELDS_MAX = 10;

const WRONG_CODE = / is not a valid choice\.$/;

type List = keyof typeof lists;

/** Which list the codes of a field are from, by its name; a list of codes stands under the name of its items. */
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

const COUNTRIES: readonly SuggestedCode[] = [{ code: 'AU', name: 'Australia' }];

/**
 * Suggests valid codes where the errors of a request say that one is not: at most three for each of its first ten such fields. By code or by
 * name: for the street type `Street`, `ST`. `suppliers`: the import suppliers that may be suggested. The answers of the API itself stay as
 * upstream's; this is for what stands beside them.
 *
 * @param body the request, as parsed from JSON
 * @param errors what validateCreateRequest found wrong with it
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
  return list === undefined ? [] : remembered(list, sent);
}

/** However far the nearest codes are: they show what a code of the list looks like. */
const nearestOf = (sent: string, list: readonly SuggestedCode[]): readonly SuggestedCode[] =>
  nearest(sent, list, ({ code, name }) => [code, name], { likelyOnly: false }).map(({ code, name }) => ({
    code,
    name,
  }));

/** Texts whose suggestions are remembered: wrong codes repeat themselves from row to row, and a long list takes half a millisecond. */
const REMEMBERED_MAX = 1000;
const memory = new Map<string, readonly SuggestedCode[]>();

function remembered(list: List, sent: string): readonly SuggestedCode[] {
  const key = `${list} ${sent}`;
  const known = memory.get(key) ?? nearestOf(sent, lists[list].codes);
  if (memory.size >= REMEMBERED_MAX) memory.clear();
  if (sent.length <= 100) memory.set(key, known);
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
