import type { Place, RowBatch } from './batches.ts';
import { readCsv } from './csv.ts';
import type { DropKind } from './drop-kind.ts';
import { gunzip, verifyChecksums } from './gzip.ts';
import { readJson } from './json.ts';
import { readLines } from './ndjson.ts';
import type { StreamOptions } from './row.ts';

const READERS: Readonly<Record<DropKind['format'], typeof readCsv>> = {
  ndjson: readLines,
  json: readJson,
  csv: readCsv,
};

/**
 * Reads a file as {@link readStream}, but verifies the checksums of a compressed file before the first row. If a checksum is wrong, any
 * row may be wrong, and an import cannot be undone.
 *
 * @param open reads the file from its start.
 * @throws as {@link readStream}; WrongChecksum.
 */
export async function* readVerified(
  kind: DropKind,
  open: () => AsyncIterable<Uint8Array>,
  from: Place,
  options: StreamOptions,
): AsyncGenerator<RowBatch> {
  if (kind.gzip && from.offset === 0) await verifyChecksums(open());
  yield* readStream(kind, open(), from, options);
}

/**
 * Reads a file of any kind as one stream from a row on. `chunks` begin at the start of the file; bytes before the row are skipped. `from`
 * is `{ offset: 0, line: 1 }`, or the `next` of a batch that was read before. Lines are numbered from `from.line`.
 *
 * @throws UnreadableDrop if the file cannot be read, after the rows before the error; the errors of `chunks`.
 */
export function readStream(
  kind: DropKind,
  chunks: AsyncIterable<Uint8Array>,
  from: Place,
  options: StreamOptions = {},
): AsyncGenerator<RowBatch> {
  return READERS[kind.format](kind.gzip ? gunzip(chunks) : chunks, from, options);
}
