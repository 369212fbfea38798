import { type Drop, reportKey } from './drop.ts';
import type { ObjectStore } from './objects.ts';
import { failedRowsOfParts } from './reporting/report.ts';
import type { DropStore } from './store.ts';

/** A line of `failed.ndjson`. */
export type FailedRow = {
  line: number | null;
  offset: number | null;
  identifier?: string;
  outcome: string;
  errors: unknown;
  suggestions?: unknown;
};

/**
 * A position in a drop's failed rows: the byte offset in the dropped file of the last row before it, and its place in the report. The report
 * grows when imports end; the place is then too early, and the offset decides.
 */
export type FailedRowsPosition = { offset: number; place: number };

/** Maximum bytes of a page's rows. A page has at least one row. */
const PAGE_BYTES_MAX = 1024 * 1024;

/**
 * Returns a page of a drop's failed rows, in the order of the file, from its report. While the file is read, the page has the rows of the
 * parts that were read so far: rows of earlier parts may be added later.
 *
 * @returns the rows, and the position of the next page; undefined on the last one
 * @throws the clients' errors
 */
export function pageOfFailedRows({ drops, objects }: { drops: DropStore; objects: ObjectStore }) {
  return async (
    drop: Drop,
    { pageSize, after }: { pageSize: number; after: FailedRowsPosition | undefined },
  ): Promise<{ rows: FailedRow[]; next: FailedRowsPosition | undefined }> => {
    const isReported = drop.read_at !== undefined || drop.ended_at !== undefined;
    const lines = isReported
      ? reportLines(objects, drop, after?.place ?? 0)
      : partLines({ drops, objects }, drop, after);
    const rows: FailedRow[] = [];
    let bytes = 0;
    let next: FailedRowsPosition | undefined;
    for await (const { text, end } of lines) {
      const row = JSON.parse(text) as FailedRow;
      if (after !== undefined && (row.offset ?? -1) <= after.offset) continue;
      if (rows.length === pageSize || (rows.length > 0 && bytes + text.length > PAGE_BYTES_MAX))
        return { rows, next };
      bytes += text.length;
      rows.push(text.length > PAGE_BYTES_MAX ? withoutErrors(row) : row);
      next = { offset: row.offset ?? -1, place: end };
    }
    return { rows, next: undefined };
  };
}

type PlacedLine = { text: string; end: number };

/** Yields the report's lines from a place on, with the place after each. */
async function* reportLines(objects: ObjectStore, drop: Drop, place: number): AsyncGenerator<PlacedLine> {
  // Begins a byte earlier: what is before the first line end is the rest of a line, or empty.
  const from = Math.max(0, place - 1);
  let end = from;
  let isRest = place > 0;
  for await (const text of objects.linesFrom(drop.bucket, reportKey(drop, 'failed.ndjson'), from)) {
    end += Buffer.byteLength(text) + 1;
    if (!isRest) yield { text, end };
    isRest = false;
  }
}

async function* partLines(
  { drops, objects }: { drops: DropStore; objects: ObjectStore },
  drop: Drop,
  after: FailedRowsPosition | undefined,
): AsyncGenerator<PlacedLine> {
  const isWanted = (endOffset: number | undefined) =>
    after === undefined || endOffset === undefined || endOffset > after.offset;
  for await (const text of failedRowsOfParts(objects, drops, drop, ({ part, next }) =>
    isWanted(drop.range_bytes === undefined ? next?.offset : (part + 1) * drop.range_bytes + 1),
  )) {
    yield { text, end: 0 };
  }
}

const withoutErrors = ({ suggestions: _, ...row }: FailedRow): FailedRow => ({
  ...row,
  errors: {
    detail: 'The errors are too long for this page; failed.ndjson has them.',
    code: 'too_many_errors',
  },
});
