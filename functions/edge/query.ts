import { PAGE_SIZE_DEFAULT } from '../../shared/api/limits.ts';
import type { ErrorBody } from '../../shared/contract/request.ts';

/** The query parameters of a request, each with all its values. */
export type Query = Readonly<Record<string, readonly string[] | undefined>>;

/** A parameter's value, or the error to answer. */
export type Parameter<T> = { value: T } | { error: string };

/** Parses a parameter. A repeated one is an error, because one of its values would be ignored. */
export function parseOnce<T, D>(
  values: readonly string[] = [],
  absent: D,
  read: (value: string) => Parameter<T>,
): Parameter<T | D> {
  const [value, second] = values;
  if (value === undefined) return { value: absent };
  return second === undefined ? read(value) : { error: 'This parameter may be given only once.' };
}

/** Parses `page_size`, which is 20 by default. */
export const readPageSize = (query: Query, max: number): Parameter<number> =>
  parseOnce(query['page_size'], PAGE_SIZE_DEFAULT, (text) => parseInteger(text, 1, max));

/** Parses an integer. Error texts: Django REST framework, IntegerField. */
export function parseInteger(text: string, min: number, max: number): Parameter<number> {
  if (!/^-?\d{1,9}$/.test(text)) return { error: 'A valid integer is required.' };
  const value = Number(text);
  if (value < min) return { error: `Ensure this value is greater than or equal to ${min}.` };
  if (value > max) return { error: `Ensure this value is less than or equal to ${max}.` };
  return { value };
}

/** Returns the errors of all parameters that have one. */
export function errorsOf(parameters: Readonly<Record<string, Parameter<unknown>>>): ErrorBody {
  const wrong = Object.entries(parameters).flatMap(([name, parameter]) =>
    'error' in parameter ? [[name, [parameter.error]] as const] : [],
  );
  return Object.fromEntries(wrong);
}
