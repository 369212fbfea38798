import { readFileSync } from 'node:fs';
import type { Operation } from 'fast-json-patch';
import { parseJson } from '../../shared/contract/python-json.ts';
import { at, everyField } from './requests.ts';

/** The reference model's response to `base.json` with these changes. */
export type Vector = { name: string; changes: Operation[]; status: 200 | 400; body: unknown };

/** The reference model's response to `base.json` with the JSON text `literal` at `path`, a JSON pointer. */
export type Literal = { path: string; literal: string; status: 200 | 400; body: unknown };

const read = <T>(file: string): T[] =>
  readFileSync(new URL(file, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => parseJson(line) as T);

export const vectors = read<Vector>('./vectors.ndjson');
export const literals = read<Literal>('./literals.ndjson');

/** The reference model's responses to bodies that are not JSON. */
export const jsonErrors = read<{ body_base64: string; status: 400; body: { detail: string } }>(
  './json-errors.ndjson',
).map(({ body_base64, ...answer }) => ({ bytes: Buffer.from(body_base64, 'base64'), ...answer }));

/** Returns the JSON text of a literal's request. */
export function withLiteral({ path, literal }: Literal): string {
  const keys = path.slice(1).split('/');
  const request = everyField();
  const place = 'the place of the literal';
  at(request, keys.slice(0, -1))[keys.at(-1)!] = place;
  return JSON.stringify(request).replace(JSON.stringify(place), () => literal);
}
