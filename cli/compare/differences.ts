import type { Reply } from '../service.ts';
import { masked } from './mask.ts';

/** A difference between two responses. Values of persons are masked. */
export type Difference = { where: 'status' | 'header' | 'body'; field: string; here: string; there: string };

/** Headers that differ from response to response, or come from what is between the services and us. */
const IGNORED_HEADERS =
  /^(age|alt-svc|connection|content-encoding|content-length|date|etag|keep-alive|nel|report-to|server|set-cookie|transfer-encoding|via|x-amz.*|x-cache|x-ignored-fields|cf-.*)$/;
/** Headers whose values always differ. Only their presence is compared. */
const PRESENT_HEADERS = /^(x-kraken-correlation-id|retry-after)$/;

/** Compares the responses to a request field by field. `request` is what was sent, whose values are masked. */
export function differencesOf(here: Reply, there: Reply, request: unknown): Difference[] {
  const found: Difference[] = [];
  if (here.status !== there.status)
    found.push({ where: 'status', field: '', here: String(here.status), there: String(there.status) });
  const names = new Set([...here.headers.keys(), ...there.headers.keys()]);
  for (const name of [...names].filter((each) => !IGNORED_HEADERS.test(each)).sort()) {
    const [one, other] = [here, there].map(({ headers }) => headerText(headers.get(name), name));
    if (one !== other) found.push({ where: 'header', field: name, here: one!, there: other! });
  }
  compareValues(here.body, there.body, [], (path, one, other) => {
    const field = path.map((step) => (/^\d+$/.test(step) ? '*' : step)).join('.');
    const [shown, otherShown] = [
      masked(one, path, here.status, request),
      masked(other, path, there.status, request),
    ];
    const isSame = shown === otherShown;
    found.push({ where: 'body', field, here: shown, there: isSame ? `${otherShown}, another` : otherShown });
  });
  return found;
}

function headerText(value: string | null, name: string): string {
  if (value === null) return '(missing)';
  if (PRESENT_HEADERS.test(name)) return '(present)';
  // Lists, whose order does not matter. Names of headers are the same in upper and lower case.
  const list = name === 'vary' ? value.toLowerCase() : value;
  return name === 'vary' || name === 'allow' ? list.split(/, */).sort().join(', ') : list;
}

type OnDifference = (path: readonly string[], here: unknown, there: unknown) => void;

function compareValues(here: unknown, there: unknown, path: readonly string[], on: OnDifference): void {
  const isBoth = (test: (value: unknown) => boolean) => test(here) && test(there);
  if (isBoth(Array.isArray) || isBoth(isObject)) {
    const [one, other] = [here as Record<string, unknown>, there as Record<string, unknown>];
    for (const key of new Set([...Object.keys(one), ...Object.keys(other)]))
      compareValues(one[key], other[key], [...path, key], on);
    return;
  }
  if (here !== there) on(path, here, there);
}

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
