import * as v from 'valibot';
import { ImportStatus } from '../../../shared/imports/model/import-process.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';

/** A position (listing.ts) in the list of this supplier and filter. The next page starts after it. */
export type Cursor = { supplier: string; status: ImportStatus | null; after: string };

const CursorTuple = v.strictTuple([
  v.string(),
  v.nullable(ImportStatus),
  v.pipe(v.string(), v.regex(/^\d{13}#.{1,100}$/)),
]);

/** Returns a cursor as base64url. */
export const writeCursor = ({ supplier, status, after }: Cursor): string =>
  encodeCursor([supplier, status, after]);

/** Parses a cursor of {@link writeCursor}. Returns undefined for any other text. */
export function readCursor(text: string): Cursor | undefined {
  const tuple = decodeCursor(text, CursorTuple);
  return tuple && { supplier: tuple[0], status: tuple[1], after: tuple[2] };
}
