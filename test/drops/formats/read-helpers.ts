import type { Place, RowBatch } from '../../../shared/drops/formats/batches.ts';
import type { DropKind } from '../../../shared/drops/formats/drop-kind.ts';
import { type DropRow, UnreadableDrop } from '../../../shared/drops/formats/row.ts';
import { readStream } from '../../../shared/drops/formats/stream.ts';

export const START: Place = { offset: 0, line: 1 };

/** Bytes in chunks of these sizes, over and over. */
export async function* inChunks(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const size = sizes[index % sizes.length]!;
    // A copy: nothing may depend on what stands behind a chunk in its memory.
    yield Uint8Array.from(bytes.subarray(at, at + size));
    at += size;
  }
}

/** What a reading gave: its rows, and the message of what ended it before its end. */
export type Reading = { rows: DropRow[]; lines?: number; unreadable?: string };

/** Reads to the end. */
export async function all(batches: AsyncGenerator<RowBatch>): Promise<Reading> {
  const reading: Reading = { rows: [] };
  while (await addNext(reading, batches));
  return reading;
}

/** Adds a batch to what was read; answers it, unless there is none. */
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

/** Files of tests have columns of any name. */
export const IGNORING = { ignoresUnknownColumns: true };

/** Reads a file of this kind, whole. */
export function read(format: DropKind['format'], file: string | Uint8Array, sizes = WHOLE): Promise<Reading> {
  const bytes = typeof file === 'string' ? Buffer.from(file) : file;
  return all(readStream({ format, gzip: false }, inChunks(bytes, sizes), START, IGNORING));
}

/**
 * Reads a file batch by batch, each in a reading of its own that goes on where the one before was told to.
 */
export async function readByHandingOn(kind: DropKind, file: Uint8Array, sizes = WHOLE): Promise<Reading> {
  const reading: Reading = { rows: [] };
  for (let from: Place | undefined = START; from !== undefined; ) {
    const batches = readStream(kind, inChunks(file, sizes), from, IGNORING);
    from = (await addNext(reading, batches))?.next;
    await batches.return(undefined);
  }
  return reading;
}

/** The body of the only row of a CSV file. */
export async function bodyOf(header: string, record: string): Promise<unknown> {
  const { rows, ...rest } = await read('csv', `${header}\n${record}\n`);
  const [row] = rows;
  if (rows.length !== 1 || !('body' in row!)) throw new Error(JSON.stringify({ rows, ...rest }));
  return row.body;
}
