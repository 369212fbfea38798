import * as v from 'valibot';
import type { ErrorBody } from '../../contract/request.ts';
import type { Suggestions } from '../../contract/suggest-codes.ts';
import { ImportError } from '../../imports/model/import-process.ts';
import { noRows, type RowCounts } from '../drop.ts';
import { type ErrorKind, errorKinds } from './error-kinds.ts';

/** The outcome of a row. */
export type RowOutcome =
  | { kind: 'accepted'; identifier: string }
  | {
      kind: 'already_imported' | 'in_progress' | 'duplicate' | 'invalid';
      identifier?: string | undefined;
      /** The endpoint's error body. */
      errors: ErrorBody;
      suggestions?: Suggestions;
    };

/**
 * The count of a kind of error, and the first lines with it. `outcome` and `detail` are set for errored imports. `detail` and
 * `suggestions` are those of the first occurrence.
 */
export type ErrorTally = ErrorKind & {
  outcome?: string;
  detail?: string;
  count: number;
  lines: number[];
};

/** An ignored field, which is not in the contract: its path in the request, the number of rows with it, and the first lines. */
export type IgnoredTally = { field: string; count: number; lines: number[] };

/** Ignored fields by path, and the number of occurrences of all other ignored fields. */
export type IgnoredFields = { fields: IgnoredTally[]; others: number };

/** Maximum number of distinct ignored fields. */
export const DISTINCT_IGNORED_MAX = 200;

/** Maximum numbers: of lines per error, of distinct errors, and of distinct errors that quote a wrong code. */
const LINES_LISTED_MAX = 5;
export const DISTINCT_ERRORS_MAX = 1000;
export const DISTINCT_WRONG_CODES_MAX = 200;

/** Counts errors by kind, in bounded memory. */
export class ErrorTallies {
  readonly #tallies = new Map<string, ErrorTally>();
  #wrongCodes = 0;

  add(tally: ErrorTally): void {
    const key = `${tally.outcome ?? ''} ${tally.error}`;
    const known = this.#tallies.get(key);
    if (known !== undefined) {
      known.count += tally.count;
      known.lines.push(...tally.lines.slice(0, LINES_LISTED_MAX - known.lines.length));
      return;
    }
    const { general, suggestions: _, ...rest } = tally;
    if (general !== undefined && this.#wrongCodes === DISTINCT_WRONG_CODES_MAX) {
      this.add({ ...rest, error: general });
      return;
    }
    if (this.#tallies.size === DISTINCT_ERRORS_MAX) return;
    if (general !== undefined) this.#wrongCodes += 1;
    this.#tallies.set(key, { ...tally, lines: tally.lines.slice(0, LINES_LISTED_MAX) });
  }

  get all(): ErrorTally[] {
    return [...this.#tallies.values()];
  }

  /** Returns the most frequent errors for a summary. Equally frequent ones are in the order of their first occurrence. */
  mostFrequent(most: number): Omit<ErrorTally, 'general'>[] {
    const sorted = this.all.sort((one, other) => other.count - one.count);
    return sorted.slice(0, most).map(({ general: _, ...named }) => named);
  }
}

/** Counts ignored fields by path, in bounded memory. */
export class IgnoredTallies {
  readonly #fields = new Map<string, IgnoredTally>();
  #others = 0;

  add({ field, count, lines }: IgnoredTally): void {
    const known = this.#fields.get(field);
    if (known !== undefined) {
      known.count += count;
      known.lines.push(...lines.slice(0, LINES_LISTED_MAX - known.lines.length));
    } else if (this.#fields.size === DISTINCT_IGNORED_MAX) {
      this.#others += count;
    } else {
      this.#fields.set(field, { field, count, lines: lines.slice(0, LINES_LISTED_MAX) });
    }
  }

  /** Adds the fields of the next part. `linesBefore`: lines in the file before the part; undefined if unknown. */
  addPart({ fields, others }: IgnoredFields, linesBefore: number | undefined): void {
    for (const tally of fields) this.add({ ...tally, lines: linesInFile(tally.lines, linesBefore) });
    this.#others += others;
  }

  /** Returns the most frequent fields. Equally frequent ones are in the order of their first occurrence. The rest is counted in `others`. */
  mostFrequent(most: number): IgnoredFields {
    const sorted = [...this.#fields.values()].sort((one, other) => other.count - one.count);
    const others = sorted.slice(most).reduce((sum, { count }) => sum + count, this.#others);
    return { fields: sorted.slice(0, most), others };
  }
}

/** Counts a part's rows, their errors and their ignored fields. Lines are relative to the part. */
export class Tally {
  readonly counts: RowCounts = noRows();
  readonly #errors = new ErrorTallies();
  readonly #ignored = new IgnoredTallies();

  /** Counts the ignored fields of a row; `fields` has no duplicates. */
  addIgnored(line: number, fields: readonly string[]): void {
    for (const field of fields) this.#ignored.add({ field, count: 1, lines: [line] });
  }

  add(line: number, outcome: RowOutcome): void {
    this.counts.rows += 1;
    this.counts[outcome.kind] += 1;
    if (outcome.kind === 'accepted' || outcome.kind === 'already_imported') return;
    for (const kind of errorKinds(outcome.errors, outcome.suggestions)) {
      this.#errors.add({ ...kind, count: 1, lines: [line] });
    }
  }

  get errors(): ErrorTally[] {
    return this.#errors.all;
  }

  get ignored(): IgnoredFields {
    return this.#ignored.mostFrequent(DISTINCT_IGNORED_MAX);
  }
}

/** Adds the errors of the next part. `linesBefore`: lines in the file before the part; undefined if unknown. */
export function addErrors(
  into: ErrorTallies,
  errors: readonly ErrorTally[],
  linesBefore: number | undefined,
): void {
  for (const tally of errors) into.add({ ...tally, lines: linesInFile(tally.lines, linesBefore) });
}

/** Converts lines of a part to lines of the file. Returns none if the number of lines before the part is unknown. */
const linesInFile = (lines: readonly number[], linesBefore: number | undefined): number[] =>
  linesBefore === undefined ? [] : lines.map((line) => linesBefore + line);

/** The fields of a report's line that `addErrored` uses. */
const ErroredRow = v.object({ outcome: v.string(), errors: v.nullable(ImportError) });

/** Adds the error of an import as `<domain>: <code>`: `supply_point_import: supply_point_already_exists`. */
export function addErrored(
  into: ErrorTallies,
  { line, text }: { line: number | undefined; text: string },
): void {
  const { outcome, errors } = v.parse(ErroredRow, JSON.parse(text));
  if (errors === null) return;
  const { domain, code, detail } = errors;
  into.add({
    error: `${domain}: ${code}`,
    outcome,
    detail,
    count: 1,
    lines: line === undefined ? [] : [line],
  });
}
