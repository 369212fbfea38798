import * as v from 'valibot';
import type { ErrorBody } from '../contract/request.ts';
import { ImportError } from '../imports/import-process.ts';
import { noRows, type RowCounts } from './drop.ts';
import { withoutQuote } from './impersonal.ts';

/** What became of a row. */
export type RowOutcome =
  | { kind: 'accepted'; identifier: string }
  | {
      kind: 'already_imported' | 'in_progress' | 'duplicate' | 'invalid';
      identifier?: string | undefined;
      /** As the endpoint would answer. */
      errors: ErrorBody;
    };

/**
 * An error of the same kind: how often it occurred, and where first (lines). `outcome` and `detail` are those of imports that errored; the
 * detail is the first one's.
 */
export type ErrorTally = {
  error: string;
  outcome?: string;
  detail?: string;
  count: number;
  lines: number[];
};
export type ErrorTallies = Map<string, ErrorTally>;

/** Lines that are named of each error, and errors that are told apart. */
const LINES_NAMED_MAX = 5;
export const ERRORS_TOLD_APART_MAX = 1000;

/** Counts rows and their errors as they are read. Lines are relative to the part. */
export class Tally {
  readonly counts: RowCounts = noRows();
  readonly #errors = new Map<string, ErrorTally>();

  add(line: number, outcome: RowOutcome): void {
    this.counts.rows += 1;
    this.counts[outcome.kind] += 1;
    if (outcome.kind === 'accepted' || outcome.kind === 'already_imported') return;
    for (const error of errorKinds(outcome.errors)) {
      const known = this.#errors.get(error);
      if (known !== undefined) {
        known.count += 1;
        if (known.lines.length < LINES_NAMED_MAX) known.lines.push(line);
      } else if (this.#errors.size < ERRORS_TOLD_APART_MAX) {
        this.#errors.set(error, { error, count: 1, lines: [line] });
      }
    }
  }

  get errors(): ErrorTally[] {
    return [...this.#errors.values()];
  }
}

/** Adds a part's errors to those of the parts before it, whose lines it continues; undefined: how many those are is not known. */
export function addErrors(
  into: ErrorTallies,
  errors: readonly ErrorTally[],
  linesBefore: number | undefined,
): void {
  for (const { error, count, lines } of errors) {
    const known = into.get(error) ?? { error, count: 0, lines: [] };
    known.count += count;
    const named = linesBefore === undefined ? [] : lines.map((line) => linesBefore + line);
    known.lines.push(...named.slice(0, LINES_NAMED_MAX - known.lines.length));
    if (into.has(error) || into.size < ERRORS_TOLD_APART_MAX) into.set(error, known);
  }
}

/** What `addErrored` reads in a line of the report. */
const ErroredRow = v.object({ outcome: v.string(), errors: v.nullable(ImportError) });

/** Adds the error of an import, as the report names it: `supply_point_import: supply_point_already_exists`. */
export function addErrored(
  into: ErrorTallies,
  { line, text }: { line: number | undefined; text: string },
): void {
  const { outcome, errors } = v.parse(ErroredRow, JSON.parse(text));
  if (errors === null) return;
  const error = `${errors.domain}: ${errors.code}`;
  const key = `${outcome}: ${error}`;
  const known = into.get(key) ?? { error, outcome, detail: errors.detail, count: 0, lines: [] };
  known.count += 1;
  if (line !== undefined && known.lines.length < LINES_NAMED_MAX) known.lines.push(line);
  if (into.has(key) || into.size < ERRORS_TOLD_APART_MAX) into.set(key, known);
}

/** The most frequent errors, the first seen first among equals. */
export function mostFrequent(errors: Iterable<ErrorTally>, most: number): ErrorTally[] {
  return [...errors].sort((one, other) => other.count - one.count).slice(0, most);
}

/**
 * The kinds of errors in a body, such as `accounts.*.customers.*.mobile: … is not a valid phone number`: list indexes and what
 * was sent are left out, so that like errors count together and nothing of anybody's data is in a summary.
 */
export function errorKinds(body: ErrorBody): Set<string> {
  const kinds = new Set<string>();
  const walk = (value: unknown, path: readonly string[]): void => {
    if (typeof value === 'string') kinds.add(`${path.join('.')}: ${kindOfMessage(value)}`);
    else if (Array.isArray(value)) for (const item of value) walk(item, path);
    else if (typeof value === 'object' && value !== null) walkObject(value as ErrorBody, path);
  };
  const walkObject = (value: ErrorBody, path: readonly string[]): void => {
    if (typeof value['code'] === 'string') {
      kinds.add([...path, value['code']].join(': '));
      return;
    }
    for (const [field, below] of Object.entries(value)) {
      if (field === 'supply_point_identifier' && typeof below === 'string') continue;
      walk(below, [...path, /^\d+$/.test(field) ? '*' : field]);
    }
  };
  walkObject(body, []);
  return kinds;
}

const kindOfMessage = (message: string): string =>
  message.startsWith('JSON parse error') ? 'JSON parse error' : withoutQuote(message);
