import { readFileSync } from 'node:fs';
import { validateRequest } from '../../shared/contract/request.ts';

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
const base = read('./base.json');
const guide = read('../../examples/guide-example.json');

export const suppliers = new Map([
  ['TEST_SUPPLIER', 'open' as const],
  ['CLOSED_SUPPLIER', 'closed' as const],
]);

// biome-ignore lint/suspicious/noExplicitAny: tests access requests of any shape
export type Json = any;

/** Returns a copy of the request with every field. */
export const everyField = (): Json => structuredClone(base);

/** Returns a copy of the guide's example request. */
export const guideExample = (): Json => structuredClone(guide);

/** Paths in the request with every field. */
export const SUPPLY_POINT = ['payload', 'supply_point'];
export const ACCOUNT = ['payload', 'accounts', 0];
export const CUSTOMER = [...ACCOUNT, 'customers', 0];
export const CONTACT = [...ACCOUNT, 'outage_contact'];
export const ADDRESS = [...CONTACT, 'postal_address'];
export const STREET = [...ADDRESS, 'structured_street_address'];

export type Path = readonly (string | number)[];

/** Returns the value at a path, or undefined when the path does not exist. */
export function at(value: Json, path: Path): Json {
  return path.reduce((inner, key) => inner?.[key], value);
}

/** Returns the request with every field, with this value at the path. */
export function withValue(path: Path, value: unknown): Json {
  const request = everyField();
  at(request, path.slice(0, -1))[path.at(-1)!] = value;
  return request;
}

/** Validates the request with a value at a path. Returns the data or the errors at that path. */
export function resultAt(path: Path, value: unknown): { data: unknown } | { errors: unknown } {
  const result = validateRequest(withValue(path, value), suppliers);
  return result.valid
    ? { data: at(result.data, path.slice(1)) }
    : { errors: at(result.errors, path.slice(1)) };
}
