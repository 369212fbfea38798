import { styleText } from 'node:util';

type Stream = { write(text: string): unknown; isTTY?: boolean; columns?: number };
type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

export type Terminal = ReturnType<typeof terminal>;

/**
 * The command's output: data on standard output, progress and notes on standard error. Data is a table or lines on a terminal, and JSON lines
 * otherwise or with `--json`.
 */
export function terminal(
  { stdout, stderr }: { stdout: Stream; stderr: Stream },
  { json, env }: { json: boolean | undefined; env: Readonly<Record<string, string | undefined>> },
) {
  const isJson = json ?? stdout.isTTY !== true;
  const hasColors = (stream: Stream): boolean =>
    stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  const styled = (stream: Stream, style: Style, text: string): string =>
    hasColors(stream) ? styleText(style, text, { validateStream: false }) : text;
  let progressShown = false;
  const clearProgress = (): void => {
    if (progressShown) stderr.write('\r\u001b[K');
    progressShown = false;
  };

  return {
    isJson,
    /** Writes a record as a JSON line, or the text for people. */
    data(record: object, text: string): void {
      clearProgress();
      stdout.write(`${isJson ? JSON.stringify(record) : text}\n`);
    },
    /** Writes records as JSON lines, or as a table with these columns. */
    table<Row extends object>(rows: readonly Row[], columns: readonly (keyof Row & string)[]): void {
      clearProgress();
      if (isJson) for (const row of rows) stdout.write(`${JSON.stringify(row)}\n`);
      else if (rows.length > 0)
        stdout.write(`${tableText(rows, columns, (text) => styled(stdout, 'bold', text))}\n`);
    },
    /** Writes text for people only. */
    text(text: string): void {
      clearProgress();
      if (!isJson) stdout.write(`${text}\n`);
    },
    style: (style: Style, text: string): string => styled(stdout, style, text),
    /** Writes a note to standard error. */
    note(text: string): void {
      clearProgress();
      stderr.write(`${text}\n`);
    },
    /** Replaces the line of progress; only on a terminal. */
    progress(text: string): void {
      if (stderr.isTTY !== true) return;
      stderr.write(`\r\u001b[K${text.slice(0, (stderr.columns ?? 80) - 1)}`);
      progressShown = true;
    },
    clearProgress,
    /** Writes an error: a JSON line on standard output, or one line on standard error, with the command to go on with. */
    error(message: string, next: string | undefined): void {
      clearProgress();
      if (isJson) stdout.write(`${JSON.stringify({ error: message, ...(next && { next }) })}\n`);
      stderr.write(
        `${styled(stderr, 'red', 'error')}: ${message}${next === undefined ? '' : `\nnext: ${next}`}\n`,
      );
    },
  };
}

/** Formats rows as a table with a header. Control characters are shown as `?`, because data from files may contain terminal commands. */
function tableText<Row extends object>(
  rows: readonly Row[],
  columns: readonly (keyof Row & string)[],
  bold: (text: string) => string,
): string {
  const cells = rows.map((row) => columns.map((column) => printable(String(row[column] ?? ''))));
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...cells.map((row) => row[index]!.length)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) => cell.padEnd(widths[index]!))
      .join('  ')
      .trimEnd();
  return [bold(line(columns.map((column) => column.replaceAll('_', ' ')))), ...cells.map(line)].join('\n');
}

/** Replaces control characters, which could be commands to the terminal. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '?');
