import * as v from 'valibot';
import type { Token } from '../../../shared/suppliers/tokens.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { type Parameter, parseOnce, type Query } from '../query.ts';

const PAGE_TOKENS = 200;

/** Where a page begins: after the token that was created then (epoch ms) and has this hash. */
type Position = readonly [createdAt: number, sha256: string];
const Position = v.strictTuple([v.number(), v.string()]);

/** Parses `cursor`. */
export const readTokenCursor = (query: Query): Parameter<Position | undefined> =>
  parseOnce(query['cursor'], undefined, (text) => {
    const position = decodeCursor(text, Position);
    return position === undefined ? { error: 'Invalid cursor.' } : { value: position };
  });

/** Returns a page of tokens, the newest first, and the cursor of the next page. */
export function tokenPage(
  tokens: readonly Token[],
  after: Position | undefined,
): { tokens: Token[]; next: string | null } {
  const sorted = tokens.toSorted(
    (one, other) => other.created_at - one.created_at || (one.sha256 < other.sha256 ? -1 : 1),
  );
  const isAfter = ({ created_at, sha256 }: Token): boolean =>
    after === undefined || created_at < after[0] || (created_at === after[0] && sha256 > after[1]);
  const page = sorted.filter(isAfter).slice(0, PAGE_TOKENS);
  const last = page.at(-1);
  const isLast = last === undefined || last === sorted.at(-1);
  return { tokens: page, next: isLast ? null : encodeCursor([last.created_at, last.sha256]) };
}
