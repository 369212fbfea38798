import { readFileSync } from 'node:fs';
import { validateRequest } from '../../shared/contract/request.ts';

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
const base = read('./base.json');
const guide = read('../../examples/guide-example.json');

export const suppliers = new Map([
  ['TEST_SUPPLIER', 'open' as const],
  ['CLOSED_SUPPLIER', 'closed' as const],
]);

// biome-ignore lint/suspicious/noExplicitAny: tests reach into requests that may be anything
export type Json = any;

/** The request with every field given, as a copy to change. */
export const everyField = (): Json => structuredClone(base);

/** The guide's own example request, as a copy to change. */
export const guideExample = (): Json => structuredClone(guide);

/** Paths into the request with every field given. */
export const SUPPLY_POINT = ['payload', 'supply_point'];
export const ACCOUNT = ['payload', 'accounts', 0];
export const CUSTOMER = [...ACCOUNT, 'customers', 0];
export const CONTACT = [...ACCOUNT, 'outage_contact'];
export const ADDRESS = [...CONTACT, 'postal_address'];
export const STREET = [...ADDRESS, 'structured_street_address'];

export type Path = readonly (string | number)[];

/** What is at the path; undefined where the path leads nowhere. */
export function at(value: Json, path: Path): Json {
  return path.reduce((inner, key) => inner?.[key], value);
}

/** The request with every field given, but for the value at the path. */
export function withValue(path: Path, value: unknown): Json {
  const request = everyField();
  at(request, path.slice(0, -1))[path.at(-1)!] = value;
  return request;
}

/** What the validate endpoint would answer for a value at the path: the data there, or the errors there. */
export function answerAt(path: Path, value: unknown): { data: unknown } | { errors: unknown } {
  const result = validateRequest(withValue(path, value), suppliers);
  return result.valid
    ? { data: at(result.data, path.slice(1)) }
    : { errors: at(result.errors, path.slice(1)) };
}
