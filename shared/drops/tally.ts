import type { ErrorBody } from '../contract/request.ts';
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

/** An error of the same kind, however often: where it occurred first (lines), and how often. */
export type ErrorTally = { error: string; count: number; lines: number[] };

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
    if (outcome.kind === 'accepted') return;
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
  into: Map<string, ErrorTally>,
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
