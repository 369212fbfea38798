import { readFileSync } from 'node:fs';
import { fieldPaths } from '../shared/contract/ignored-fields.ts';

type Json = { [key: string]: Json } | Json[] | string | number | boolean | null;

/** The guide's example of a request. */
export const guideExample = (): Json =>
  JSON.parse(readFileSync(new URL('../examples/guide-example.json', import.meta.url), 'utf8'));

/** The value at a path of keys and indexes; undefined if there is none. */
function valueAt(json: Json | undefined, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (value, step) => (value as Record<string, Json> | null | undefined)?.[step],
    json,
  );
}

const cell = (value: Json | undefined): string => {
  const text = value === undefined || value === null ? '' : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** Returns a CSV file with a column for every field, for one account with one customer, and the guide's example as its row. */
export function csvTemplate(): string {
  const example = guideExample();
  const columns = fieldPaths().map((path) => path.replaceAll('*', '0'));
  const values = columns.map((column) => valueAt(example, column.split('.')));
  const leaves = columns
    .map((column, index) => ({ column, value: values[index] }))
    // Objects and lists have columns for their fields instead. One with no fields in the example has none of its own.
    .filter(({ column }) => !columns.some((other) => other.startsWith(`${column}.`)));
  const header = leaves.map(({ column }) => column.replace(/^payload\./, ''));
  return `${header.join(',')}\n${leaves.map(({ value }) => cell(value)).join(',')}\n`;
}

/** Returns an NDJSON file with the guide's example as its row. */
export const ndjsonExample = (): string => `${JSON.stringify(guideExample())}\n`;
