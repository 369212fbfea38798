import { closeSync, createReadStream, createWriteStream, openSync, rmSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { ErrorBody } from '../../shared/contract/error-body.ts';
import { kindOf } from '../../shared/drops/formats/drop-kind.ts';
import { gunzip } from '../../shared/drops/formats/gzip.ts';
import { chosenRows, copyRows } from '../../shared/drops/reporting/copy-rows.ts';
import { CliError, UsageError } from '../command.ts';
import type { Input } from '../input.ts';

/** Characters that are written at once. */
const WRITTEN_AT_ONCE = 64 * 1024;

/** A file of failed rows, for which the failures of a file are collected. */
export type FailedFile = ReturnType<typeof failedFile>;

/**
 * Creates the file of an input's failed rows, as they were sent, in the input's format. In CSV their errors are in a last column, `import_errors`, which is
 * ignored when the file is imported. The failures are kept in a second file until `write`, so that memory does not depend on their number.
 *
 * @throws UsageError for another format; CliError if the file exists or cannot be written
 */
export function failedFile(out: string, input: Input) {
  const kind = kindOf(out);
  if (input.bytes === undefined)
    throw new UsageError('--out reads the file twice, which is impossible with standard input: give a file.');
  if (kind?.format !== input.kind.format)
    throw new UsageError(
      `--out must end in .${input.kind.format}, also with .gz, because the rows keep their format.`,
    );
  const temporary = `${out}.failures-${process.pid}`;
  createFile(out);
  const failures = createFile(temporary);
  let pending = '';
  const flush = (): void => {
    const text = pending;
    pending = '';
    // A call may write only a part, such as before the disk is full.
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length; ) written += writeSync(failures, bytes, written);
  };
  const failed = (error: unknown): CliError =>
    new CliError(`${out} could not be written: ${(error as Error).message}. It was removed.`);
  return {
    /** Adds the failure of the row at an offset. The offsets ascend. @throws CliError */
    add(offset: number, errors: ErrorBody): void {
      pending += `${JSON.stringify({ offset, errors })}\n`;
      try {
        if (pending.length > WRITTEN_AT_ONCE) flush();
      } catch (error) {
        throw failed(error);
      }
    },
    /** Writes the failed rows. Returns their number, without rows that are too long to be copied. @throws CliError */
    async write(): Promise<number> {
      try {
        flush();
        const chosen = chosenRows(linesOf(temporary));
        const chunks = input.kind.gzip ? gunzip(input.chunks()) : input.chunks();
        const rows = Readable.from(copyRows(input.kind.format, chunks, chosen), { objectMode: false });
        const target = createWriteStream(out, { mode: 0o600 });
        await (kind.gzip ? pipeline(rows, createGzip(), target) : pipeline(rows, target));
        await chosen.close();
        return chosen.copied();
      } catch (error) {
        throw failed(error);
      }
    },
    /** Removes the second file, and without `isKept` also the first. */
    close({ isKept }: { isKept: boolean }): void {
      closeSync(failures);
      rmSync(temporary, { force: true });
      if (!isKept) rmSync(out, { force: true });
    },
  };
}

async function* linesOf(path: string): AsyncGenerator<string> {
  yield* createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
}

function createFile(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'EEXIST' ? `${path} exists` : `${path} cannot be written: ${message}`;
    throw new CliError(`${reason}. Nothing was done.`);
  }
}
