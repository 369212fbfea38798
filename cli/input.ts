import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { RowBatch } from '../shared/drops/formats/batches.ts';
import { type DropKind, kindOf } from '../shared/drops/formats/drop-kind.ts';
import { UnreadableDrop } from '../shared/drops/formats/row.ts';
import { readStream, readVerified } from '../shared/drops/formats/stream.ts';
import { CliError, type Options, UsageError, type Values } from './command.ts';

/** Options of the commands that read files. */
export const INPUT_OPTIONS: Options = {
  format: {
    type: 'string',
    value: 'KIND',
    description: 'ndjson, json or csv, each also with .gz (default: from the ending of the name)',
  },
  'ignore-unknown-columns': {
    type: 'boolean',
    description: 'ignore columns of CSV files that match no field',
  },
};

/** A file of supply points, or standard input. */
export type Input = {
  name: string;
  /** Bytes of the file; undefined for standard input. */
  bytes: number | undefined;
  kind: DropKind;
  /** Reads the bytes from the start. */
  chunks(): AsyncIterable<Uint8Array>;
  /** Reads the rows from the start. @throws CliError if the file cannot be read to its end */
  batches(onBytes?: (bytes: number) => void): AsyncGenerator<RowBatch>;
};

const EXCEL = /\.(xlsx?|xlsm|ods|numbers)$/i;
const EXPORT =
  'Export it as CSV UTF-8 (in Excel: File, Save As, "CSV UTF-8 (Comma delimited)") and use that file.';

/**
 * Opens a file, or standard input for `-`, by the readers of drops.
 *
 * @throws UsageError for an unknown format; CliError if there is no such file, or if it is a spreadsheet
 */
export function openInput(name: string, values: Values): Input {
  if (EXCEL.test(name)) throw new CliError(`${name} is a spreadsheet, which is not read. ${EXPORT}`);
  const isStandardInput = name === '-';
  const format = values['format'] === undefined ? undefined : String(values['format']);
  const kind = kindOf(format === undefined ? name : `file.${format}`);
  if (kind === undefined) {
    throw new UsageError(
      format === undefined
        ? `The format of ${isStandardInput ? 'standard input' : name} is unknown: give --format ndjson, json or csv.`
        : `--format must be ndjson, json or csv, each also with .gz, not ${JSON.stringify(format)}.`,
    );
  }
  const bytes = isStandardInput ? undefined : sizeOf(name);
  const open = (onBytes?: (bytes: number) => void): AsyncIterable<Uint8Array> =>
    chunksOf(
      isStandardInput ? process.stdin : createReadStream(name, { highWaterMark: 256 * 1024 }),
      onBytes,
    );
  const options = { ignoresUnknownColumns: values['ignore-unknown-columns'] === true };
  async function* batches(onBytes?: (bytes: number) => void): AsyncGenerator<RowBatch> {
    // A compressed file is read twice: its checksum is verified before the first row. Standard input can be read only once, so its
    // checksum is verified at its end.
    let isVerified = isStandardInput || !kind!.gzip;
    const opened = (): AsyncIterable<Uint8Array> => {
      const isReading = isVerified;
      isVerified = true;
      return open(isReading ? onBytes : undefined);
    };
    try {
      yield* isStandardInput
        ? readStream(kind!, open(onBytes), START, options)
        : readVerified(kind!, opened, START, options);
    } catch (error) {
      throw readError(name, error);
    }
  }
  return { name, bytes, kind, chunks: open, batches };
}

const START = { offset: 0, line: 1 };

function sizeOf(name: string): number {
  const found = statSync(name, { throwIfNoEntry: false });
  if (found === undefined) throw new CliError(`There is no file ${name}. Nothing was done.`);
  if (!found.isFile()) throw new CliError(`${name} is not a file. Nothing was done.`);
  return found.size;
}

/** The signatures of a zip archive, which .xlsx files are, and of old Excel files. */
const SPREADSHEETS = [Buffer.from('PK\u0003\u0004'), Buffer.from([0xd0, 0xcf, 0x11, 0xe0])];

async function* chunksOf(
  stream: Readable,
  onBytes: ((bytes: number) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (isFirst && SPREADSHEETS.some((signature) => chunk.subarray(0, 4).equals(signature)))
      throw new UnreadableDrop(`It is a spreadsheet. ${EXPORT}`);
    isFirst = false;
    onBytes?.(chunk.byteLength);
    yield chunk;
  }
}

function readError(name: string, error: unknown): unknown {
  const shown = name === '-' ? 'standard input' : name;
  if (error instanceof UnreadableDrop)
    return new CliError(`${shown} cannot be read to its end: ${error.message}`);
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined ? error : new CliError(`${shown} cannot be read: ${message}`);
}
