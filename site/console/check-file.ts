// First, because the modules below use it when they are loaded.
import './node-buffer.ts';

import type { MeBody } from '../../shared/api/schemas.ts';
import { kindOf } from '../../shared/drops/formats/drop-kind.ts';
import { UnreadableDrop } from '../../shared/drops/formats/row.ts';
import { readStream } from '../../shared/drops/formats/stream.ts';
import { rowCheck } from '../../shared/drops/reading/check-row.ts';
import { type ErrorGroup, ErrorGroups } from '../../shared/drops/reporting/error-groups.ts';

/** What is wrong in the first rows of a file. */
export type FileCheck = {
  rows: number;
  invalid: number;
  /** Whether the rows are all that the file has. */
  isWhole: boolean;
  /** Why the service would refuse the file, by its name and size. */
  refused: string | undefined;
  /** Why the file cannot be read to its end. */
  unreadable: string | undefined;
  /** The most frequent errors. */
  errors: readonly ErrorGroup[];
};

const ROWS_MAX = 1000;
const ERRORS_MAX = 10;

/**
 * Checks the first rows of a file by the rules of the service: its readers and its contract, in the browser. Nothing is sent. The page
 * loads this file when a file is chosen, so it shares no module with the rest of the console.
 */
export async function checkFile(file: File, supplier: string, me: MeBody): Promise<FileCheck> {
  const groups = new ErrorGroups();
  const check: FileCheck = {
    rows: 0,
    invalid: 0,
    isWhole: false,
    refused: refusalOf(file, me),
    unreadable: undefined,
    errors: [],
  };
  const now = Date.now();
  const checkRow = rowCheck({ id: '', import_supplier: supplier, dropped_at: now }, me.environment.time_zone);
  const kind = kindOf(file.name);
  try {
    if (check.refused === undefined && kind !== undefined) {
      // Browsers decompress by themselves. The service verifies the checksum.
      const content = kind.gzip ? file.stream().pipeThrough(new DecompressionStream('gzip')) : file.stream();
      const batches = readStream({ ...kind, gzip: false }, content as unknown as AsyncIterable<Uint8Array>, {
        offset: 0,
        line: 1,
      });
      for await (const { rows, next } of batches) {
        for (const row of rows) {
          check.rows += 1;
          const checked = checkRow(row, now);
          if (!('outcome' in checked) || checked.outcome.kind !== 'invalid') continue;
          check.invalid += 1;
          groups.add(row, checked.outcome.errors, { file: file.name, suppliers: [supplier] });
        }
        check.isWhole = next === undefined;
        if (check.rows >= ROWS_MAX) break;
      }
    }
  } catch (error) {
    check.unreadable =
      error instanceof UnreadableDrop
        ? error.message
        : `The file cannot be read: ${(error as Error).message}`;
  }
  return { ...check, errors: groups.sorted(ERRORS_MAX) };
}

function refusalOf(file: File, { limits }: MeBody): string | undefined {
  const kind = kindOf(file.name);
  if (/\.(xlsx?|xlsm|ods|numbers)$/i.test(file.name))
    return 'It is a spreadsheet, which is not read. Export it as CSV UTF-8.';
  if (kind === undefined)
    return 'The name must end in .ndjson, .jsonl, .json, .csv or .tsv, or in one of these and .gz.';
  const max =
    kind.format === 'ndjson' && !kind.gzip ? limits.drop_ndjson_file_bytes : limits.drop_other_file_bytes;
  if (file.size === 0) return 'The file is empty.';
  return file.size > max ? `The file has ${file.size} bytes; files of its kind may have ${max}.` : undefined;
}
