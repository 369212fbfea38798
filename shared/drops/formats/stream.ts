import type { Place, RowBatch } from './batches.ts';
import { readCsv, type StreamOptions } from './csv.ts';
import type { DropKind } from './drop-kind.ts';
import { gunzip, verifyChecksums } from './gzip.ts';
import { readJson } from './json.ts';
import { readLines } from './ndjson.ts';

const READERS: Readonly<Record<DropKind['format'], typeof readCsv>> = {
  ndjson: readLines,
  json: readJson,
  csv: readCsv,
};

/**
 * Reads a file as readStream does, with the checksums of a packed one looked at before its first row is given: of a file whose checksum
 * is wrong any row may be wrong, and what is imported cannot be taken back.
 *
 * @param open reads the file anew from its start.
 * @throws as readStream.
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
 * Reads a file of any kind as one stream, from a row on: the chunks begin at the file's start, and what comes
 * before the row is passed over. `from` is `{ offset: 0, line: 1 }`, or what a batch of an earlier reading
 * said under `next`: then the same rows follow. Lines are numbered from `from.line`.
 *
 * @throws UnreadableDrop where the file cannot be read on, once the rows before that place were given; what
 * reading the chunks throws.
 */
export function readStream(
  kind: DropKind,
  chunks: AsyncIterable<Uint8Array>,
  from: Place,
  options: StreamOptions = {},
): AsyncGenerator<RowBatch> {
  return READERS[kind.format](kind.gzip ? gunzip(chunks) : chunks, from, options);
}
