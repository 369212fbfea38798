import {
  appendFileSync,
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createInterface } from 'node:readline';
import { CliError } from './command.ts';

/** What a run is about. A results file belongs to one file, service and kind of run. */
export type RunIdentity = {
  file: string;
  bytes: number | undefined;
  host: string;
  dry_run: boolean;
};

/** The outcome of a row: a line of the results file. */
export type RowResult = {
  line: number;
  identifier: string | null;
  supplier: string | null;
  /** `in_progress`: an earlier request, whose response may have been lost, is being processed. */
  result: 'scheduled' | 'in_progress' | 'already_imported' | 'rejected';
  status: number;
  errors?: unknown;
};

/** Lines in a set of bits, which takes a megabyte for eight million. */
class LineSet {
  #bits = new Uint8Array(1024);
  add(line: number): void {
    const index = line >> 3;
    if (index >= this.#bits.length) {
      const larger = new Uint8Array(2 * (index + 1));
      larger.set(this.#bits);
      this.#bits = larger;
    }
    this.#bits[index]! |= 1 << (line & 7);
  }
  has(line: number): boolean {
    return ((this.#bits[line >> 3] ?? 0) & (1 << (line & 7))) !== 0;
  }
}

export type Results = Awaited<ReturnType<typeof openResults>>;

/**
 * Opens the results of a run: a file of JSON lines to which each outcome is appended, and which is the state to go on from. A half-written
 * last line of a killed run is removed.
 *
 * @throws CliError if another run uses the file, or if it belongs to another file, service or kind of run
 */
export async function openResults(path: string, identity: RunIdentity) {
  const unlock = lock(path);
  try {
    const lines = new LineSet();
    const counts = { scheduled: 0, in_progress: 0, already_imported: 0, rejected: 0 };
    if (existsSync(path) && statSync(path).size > 0) {
      removeHalfLine(path);
      for await (const row of readResults(path, identity)) {
        if (lines.has(row.line)) continue;
        lines.add(row.line);
        counts[row.result] += 1;
      }
    }
    if (!existsSync(path) || statSync(path).size === 0)
      append(path, `${JSON.stringify({ run: identity })}\n`);
    return {
      path,
      counts,
      has: (line: number): boolean => lines.has(line),
      /** Appends a row's outcome. @throws CliError if the disk is full */
      add(row: RowResult): void {
        append(path, `${JSON.stringify(row)}\n`);
        lines.add(row.line);
        counts[row.result] += 1;
      },
      close(): void {
        const file = openSync(path, 'r');
        fsyncSync(file);
        closeSync(file);
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** Reads a results file. With an identity, it must be the file's. @throws CliError */
export async function* readResults(path: string, identity?: RunIdentity): AsyncGenerator<RowResult> {
  if (!existsSync(path)) throw new CliError(`There is no results file ${path}.`);
  let isFirst = true;
  for await (const text of createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    const line = parsed(path, text);
    if (isFirst) {
      isFirst = false;
      const { run } = line as { run?: RunIdentity };
      if (run === undefined) throw new CliError(`${path} is not a results file. Nothing was done.`);
      if (identity !== undefined) assertSame(path, run, identity);
    } else {
      yield line as RowResult;
    }
  }
}

function assertSame(path: string, run: RunIdentity, identity: RunIdentity): void {
  for (const key of ['file', 'bytes', 'host', 'dry_run'] as const) {
    if (run[key] === identity[key]) continue;
    throw new CliError(
      `${path} has the results of another run (${key} ${run[key]} instead of ${identity[key]}). Nothing was done. Name another file with --results.`,
    );
  }
}

function parsed(path: string, text: string): object {
  try {
    return JSON.parse(text);
  } catch {
    throw new CliError(`${path} is damaged: a line is not JSON. Nothing was done.`);
  }
}

/** Removes a last line without its end, which a killed run may have left. */
function removeHalfLine(path: string): void {
  const { size } = statSync(path);
  const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
  const file = openSync(path, 'r+');
  try {
    readSync(file, tail, 0, tail.byteLength, size - tail.byteLength);
    const end = size - tail.byteLength + tail.lastIndexOf('\n') + 1;
    if (end < size) ftruncateSync(file, end);
  } finally {
    closeSync(file);
  }
}
/** Longer than a line, whose errors have at most 2 MiB. */
const TAIL_BYTES = 4 * 1024 * 1024;

function append(path: string, text: string): void {
  try {
    appendFileSync(path, text, { mode: 0o600 });
  } catch (error) {
    throw new CliError(
      `The result could not be written to ${path} (${(error as Error).message}). Rows without a line there are sent again by the next run, which creates nothing twice.`,
    );
  }
}

/** Locks a results file for this process. A lock of a process that has ended is replaced. @throws CliError if another run holds it */
function lock(path: string): () => void {
  const file = `${path}.lock`;
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
        throw new CliError(`${file} cannot be written: ${(error as Error).message}. Nothing was done.`);
      const holder = Number(readFileSync(file, 'utf8'));
      if (isRunning(holder))
        throw new CliError(`Another run (process ${holder}) uses ${path}. Nothing was done.`);
      rmSync(file, { force: true });
    }
  }
  throw new CliError(`Another run uses ${path}. Nothing was done.`);
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
