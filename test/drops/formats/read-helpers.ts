import type { Place, RowBatch } from '../../../shared/drops/formats/batches.ts';
import type { DropKind } from '../../../shared/drops/formats/drop-kind.ts';
import { type DropRow, UnreadableDrop } from '../../../shared/drops/formats/row.ts';
import { readStream } from '../../../shared/drops/formats/stream.ts';

export const START: Place = { offset: 0, line: 1 };

/** Yields the bytes in chunks of the given sizes, in turn. */
export async function* inChunks(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const size = sizes[index % sizes.length]!;
    // Copied, because readers must not depend on the memory after a chunk.
    yield Uint8Array.from(bytes.subarray(at, at + size));
    at += size;
  }
}

/** The result of reading a file: its rows, and the error message if it is unreadable. */
export type Reading = { rows: DropRow[]; lines?: number; unreadable?: string };

/** Reads all batches. */
export async function all(batches: AsyncGenerator<RowBatch>): Promise<Reading> {
  const reading: Reading = { rows: [] };
  while (await addNext(reading, batches));
  return reading;
}

/** Adds the next batch to `reading` and returns it; undefined at the end. */
async function addNext(reading: Reading, batches: AsyncGenerator<RowBatch>): Promise<RowBatch | undefined> {
  try {
    const { done, value } = await batches.next();
    if (done) return undefined;
    reading.rows.push(...value.rows);
    if (value.lines !== undefined) reading.lines = value.lines;
    return value;
  } catch (error) {
    if (!(error instanceof UnreadableDrop)) throw error;
    reading.unreadable = error.message;
    return undefined;
  }
}

const WHOLE = [1024 * 1024];

/** Test files have arbitrary columns. */
export const IGNORING = { ignoresUnknownColumns: true };

/** Reads a whole uncompressed file of a format. */
export function read(format: DropKind['format'], file: string | Uint8Array, sizes = WHOLE): Promise<Reading> {
  const bytes = typeof file === 'string' ? Buffer.from(file) : file;
  return all(readStream({ format, gzip: false }, inChunks(bytes, sizes), START, IGNORING));
}

/** Reads a file batch by batch. Each batch is read by a new reader, which continues at `next` of the previous batch. */
export async function readBatchByBatch(kind: DropKind, file: Uint8Array, sizes = WHOLE): Promise<Reading> {
  const reading: Reading = { rows: [] };
  for (let from: Place | undefined = START; from !== undefined; ) {
    const batches = readStream(kind, inChunks(file, sizes), from, IGNORING);
    from = (await addNext(reading, batches))?.next;
    await batches.return(undefined);
  }
  return reading;
}

/** Returns the body of the only row of a CSV file. */
export async function bodyOf(header: string, record: string): Promise<unknown> {
  const { rows, ...rest } = await read('csv', `${header}\n${record}\n`);
  const [row] = rows;
  if (rows.length !== 1 || !('body' in row!)) throw new Error(JSON.stringify({ rows, ...rest }));
  return row.body;
}
