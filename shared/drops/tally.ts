import * as v from 'valibot';
import type { ErrorBody } from '../contract/request.ts';
import type { Suggestions } from '../contract/suggest-codes.ts';
import { ImportError } from '../imports/import-process.ts';
import { noRows, type RowCounts } from './drop.ts';
import { type ErrorKind, errorKinds } from './error-kinds.ts';

/** What became of a row. */
export type RowOutcome =
  | { kind: 'accepted'; identifier: string }
  | {
      kind: 'already_imported' | 'in_progress' | 'duplicate' | 'invalid';
      identifier?: string | undefined;
      /** As the endpoint would answer. */
      errors: ErrorBody;
      suggestions?: Suggestions;
    };

/**
 * An error of the same kind: how often it occurred, and where first (lines). `outcome` and `detail` are those of imports that errored; the
 * detail, and the suggested codes of an error about a wrong code, are the first one's.
 */
export type ErrorTally = ErrorKind & {
  outcome?: string;
  detail?: string;
  count: number;
  lines: number[];
};

/** A field that the contract does not know and that was ignored: its path in the request, the rows that have it, and the first of them (lines). */
export type IgnoredTally = { field: string; count: number; lines: number[] };

/** Ignored fields by their paths, and how often rows have others, which are not told apart. */
export type IgnoredFields = { fields: IgnoredTally[]; others: number };

/** Ignored fields that are told apart. */
export const DISTINCT_IGNORED_MAX = 200;

/** Lines that are named of each error; errors that are told apart; and those of them that quote a wrong code. */
const LINES_LISTED_MAX = 5;
export const DISTINCT_ERRORS_MAX = 1000;
export const DISTINCT_WRONG_CODES_MAX = 200;

/** Counts errors by their kinds, in bounded memory. */
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

  /** The most frequent errors as a summary names them, the first seen first among equals. */
  mostFrequent(most: number): Omit<ErrorTally, 'general'>[] {
    const sorted = this.all.sort((one, other) => other.count - one.count);
    return sorted.slice(0, most).map(({ general: _, ...named }) => named);
  }
}

/** Counts ignored fields by their paths, in bounded memory. */
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

  /** Adds a part's to those of the parts before it, whose lines it continues; undefined: how many those are is not known. */
  addPart({ fields, others }: IgnoredFields, linesBefore: number | undefined): void {
    for (const tally of fields) this.add({ ...tally, lines: linesInFile(tally.lines, linesBefore) });
    this.#others += others;
  }

  /** Those that most rows have, the first seen first among equals; the rest is counted with the others. */
  mostFrequent(most: number): IgnoredFields {
    const sorted = [...this.#fields.values()].sort((one, other) => other.count - one.count);
    const others = sorted.slice(most).reduce((sum, { count }) => sum + count, this.#others);
    return { fields: sorted.slice(0, most), others };
  }
}

/** Counts rows, their errors and their ignored fields as they are read. Lines are relative to the part. */
export class Tally {
  readonly counts: RowCounts = noRows();
  readonly #errors = new ErrorTallies();
  readonly #ignored = new IgnoredTallies();

  /** Counts fields of a row that were ignored, each named once. */
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

/** Adds a part's errors to those of the parts before it, whose lines it continues; undefined: how many those are is not known. */
export function addErrors(
  into: ErrorTallies,
  errors: readonly ErrorTally[],
  linesBefore: number | undefined,
): void {
  for (const tally of errors) into.add({ ...tally, lines: linesInFile(tally.lines, linesBefore) });
}

/** Lines of a part as lines of the file; none where it is not known how many are before the part. */
const linesInFile = (lines: readonly number[], linesBefore: number | undefined): number[] =>
  linesBefore === undefined ? [] : lines.map((line) => linesBefore + line);

/** What `addErrored` reads in a line of the report. */
const ErroredRow = v.object({ outcome: v.string(), errors: v.nullable(ImportError) });

/** Adds the error of an import, as the report names it: `supply_point_import: supply_point_already_exists`. */
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
