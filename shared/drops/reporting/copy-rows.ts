import type { RowBatch } from '../formats/batches.ts';
import { type ChosenRows, copyCsv } from '../formats/csv-copy.ts';
import type { DropKind } from '../formats/drop-kind.ts';
import { rawRow } from '../formats/row.ts';
import { readStream } from '../formats/stream.ts';
import { errorText } from './error-text.ts';

/** The failed rows of a file, in their order. */
export type FailedRows = ChosenRows & {
  /** The offset of the next chosen row; undefined if there is none. */
  next(): Promise<number | undefined>;
  copied(): number;
  close(): Promise<unknown>;
};

/** Chooses rows by JSON lines with their offsets and errors, in the order of the file. `onRow` is called for each. */
export function chosenRows(lines: AsyncGenerator<string>, onRow: () => void = () => {}): FailedRows {
  let row: { offset: number; errors: unknown } | undefined;
  let isOver = false;
  let copied = 0;
  const advance = async (): Promise<void> => {
    onRow();
    const { done, value } = await lines.next();
    isOver = done === true;
    row = done === true ? undefined : JSON.parse(value);
  };
  const upTo = async (offset: number): Promise<void> => {
    if (row === undefined && !isOver) await advance();
    while (row !== undefined && (row.offset ?? -1) < offset) await advance();
  };
  return {
    isOver: () => isOver,
    copied: () => copied,
    close: () => lines.return(undefined),
    async next() {
      await upTo(0);
      return row?.offset;
    },
    async at(offset) {
      await upTo(offset);
      if (row?.offset !== offset) return undefined;
      const text = errorText(row.errors);
      copied += 1;
      await advance();
      return text;
    },
  };
}

/** Copies the chosen rows of a decompressed file as they are, in its format. CSV gets a last column with their errors. */
export function copyRows(
  format: DropKind['format'],
  chunks: AsyncIterable<Uint8Array>,
  chosen: ChosenRows,
): AsyncGenerator<Buffer> {
  if (format === 'csv') return copyCsv(chunks, chosen);
  const kind = { format, gzip: false };
  const rows = chosenOf(readStream(kind, chunks, { offset: 0, line: 1 }, { toRow: rawRow }), chosen);
  return format === 'json' ? asArray(rows) : asLines(rows);
}

/** The text of the chosen rows. */
export async function* chosenOf(
  batches: AsyncGenerator<RowBatch>,
  chosen: ChosenRows,
): AsyncGenerator<Buffer> {
  for await (const { rows } of batches) {
    for (const row of rows) {
      const isChosen = (await chosen.at(row.offset)) !== undefined;
      if (isChosen && 'body' in row) yield row.body as Buffer;
      if (chosen.isOver()) return;
    }
  }
}

const NEWLINE = Buffer.from('\n');

export async function* asLines(rows: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const row of rows) {
    yield row;
    yield NEWLINE;
  }
}

/** The rows as a JSON array, each on its own line. */
async function* asArray(rows: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let before = '[\n';
  for await (const row of rows) {
    yield Buffer.from(before);
    yield row;
    before = ',\n';
  }
  yield Buffer.from(before === '[\n' ? '[]\n' : '\n]\n');
}
