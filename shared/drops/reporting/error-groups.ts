import type { ErrorBody } from '../../contract/error-body.ts';
import { REMEDIES } from '../../contract/remedies.ts';
import { ruleOf } from '../../contract/rule-of.ts';
import { suggestCodes } from '../../contract/suggest-codes.ts';
import { type DropRow, requestOf } from '../formats/row.ts';
import { errorKinds } from './error-kinds.ts';
import { fieldAt } from './redact.ts';

const LINES_MAX = 5;
const NEAR_MAX = 5;
/** Distinct errors that are counted. A file of wrong codes could have as many as rows. */
const KINDS_MAX = 10_000;
/** Distinct wrong codes of an error that are counted, and the characters that are kept of each. */
const WRONG_CODES_MAX = 1000;
const WRONG_CODE_LENGTH_MAX = 40;
const WRONG_CODE = ' is not a valid choice.';

/** A wrong code, and the valid ones that come close to it. */
type NearMiss = { sent: string; rows: number; codes: string[] };
type Group = { error: string; rows: number; lines: number[]; file: string; near: Map<string, NearMiss> };

/** Rows with the same error in the same field. */
export type ErrorGroup = Omit<Group, 'near'> & { remedy?: string; near: NearMiss[] };

/** Groups the errors of rows by field and rule, where they are validated before they are sent: by the command line and the console. */
export class ErrorGroups {
  readonly #groups = new Map<string, Group>();
  /** Errors that are in no group, because there are too many distinct ones. */
  notGrouped = 0;

  /** Adds the errors of a row. `suppliers` are the codes that may be suggested. */
  add(row: DropRow, errors: ErrorBody, { file, suppliers }: { file: string; suppliers: readonly string[] }) {
    const body = 'body' in row ? requestOf(row.body) : undefined;
    const suggestions = suggestCodes(body, errors, suppliers);
    for (const { error } of errorKinds(errors)) {
      const group = this.#groupOf(error, file);
      if (group === undefined) continue;
      group.rows += 1;
      if (group.lines.length < LINES_MAX) group.lines.push(row.line);
      if (!error.endsWith(WRONG_CODE)) continue;
      for (const [path, near] of Object.entries(suggestions)) {
        const steps = path.split('.');
        const sent = String(valueAt(body, ['payload', ...steps]));
        // The errors of some fields quote the code. They are a group for each code.
        const isOwn = [`${fieldAt(steps)}: "${sent}"${WRONG_CODE}`, `${fieldAt(steps)}: …${WRONG_CODE}`];
        if (!isOwn.includes(error)) continue;
        addNear(group.near, sent.slice(0, WRONG_CODE_LENGTH_MAX), near);
      }
    }
  }

  #groupOf(error: string, file: string): Group | undefined {
    const known = this.#groups.get(error);
    if (known !== undefined) return known;
    if (this.#groups.size >= KINDS_MAX) {
      this.notGrouped += 1;
      return undefined;
    }
    const group = { error, rows: 0, lines: [], file, near: new Map() };
    this.#groups.set(error, group);
    return group;
  }

  get size(): number {
    return this.#groups.size;
  }

  /** The groups, the one with the most rows first. */
  sorted(max: number): ErrorGroup[] {
    const groups = [...this.#groups.values()].sort((one, other) => other.rows - one.rows).slice(0, max);
    return groups.map(({ near, ...group }) => {
      const remedy = remedyOf(group.error);
      const misses = [...near.values()].sort((one, other) => other.rows - one.rows);
      return { ...group, ...(remedy && { remedy }), near: misses.slice(0, NEAR_MAX) };
    });
  }
}

/** What to do about an error such as `accounts.*.customers.*.mobile: … is not a valid phone number`; undefined for other errors. */
export function remedyOf(error: string): string | undefined {
  const end = error.indexOf(': ');
  const rule = end < 0 ? undefined : ruleOf(error.slice(0, end).split('.').at(-1)!, error.slice(end + 2));
  return rule && REMEDIES[rule];
}

/** Codes with their names, such as `RD (Road)`. */
export const codeTexts = (codes: readonly { code: string; name: string }[]): string[] =>
  codes.map(({ code, name }) => (code === name ? code : `${code} (${name})`));

function addNear(
  near: Map<string, NearMiss>,
  sent: string,
  codes: readonly { code: string; name: string }[],
): void {
  const known = near.get(sent);
  if (known !== undefined) known.rows += 1;
  else if (near.size < WRONG_CODES_MAX) near.set(sent, { sent, rows: 1, codes: codeTexts(codes) });
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], value);
}
