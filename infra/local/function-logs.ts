import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { InvocationResult } from './functions.ts';

/** Log lines kept in memory per function. */
const LOG_LINES_MAX = 500;
/** Interval in which the same error of a function is reported once, because queues redeliver. */
const REPORT_AGAIN_MS = 60_000;
const REPORT_CHARACTERS_MAX = 300;

/** The functions' logs: the last lines in memory, and a file per function if there is a folder. */
export type FunctionLogs = {
  /** Returns a writer for a function's output. */
  writer(name: string): (chunk: Buffer) => void;
  /** Reports an invocation's function error, if it has one. */
  invoked(name: string, outcome: InvocationResult): void;
  /** Returns the last lines of a function. */
  lines(name: string): string[];
};

/**
 * Creates the functions' logs.
 *
 * @param folder for the log files; undefined: none
 * @param report receives a line for each error that a function throws or logs. Functions with queues log the errors of their items and
 *   succeed themselves.
 */
export function functionLogs(folder: string | undefined, report: (line: string) => void): FunctionLogs {
  const recent = new Map<string, string[]>();
  const reportedAt = new Map<string, number>();
  if (folder !== undefined) mkdirSync(folder, { recursive: true });

  const reportFailure = (name: string, errorType: string, message: string): void => {
    const text = `${name} fails: ${errorType}: ${message}`
      .replaceAll(/\s+/g, ' ')
      .slice(0, REPORT_CHARACTERS_MAX);
    // Request ids differ each time.
    const kind = text.replaceAll(/[0-9a-f-]{36}/g, '');
    const now = Date.now();
    if (now - (reportedAt.get(kind) ?? Number.NEGATIVE_INFINITY) < REPORT_AGAIN_MS) return;
    reportedAt.set(kind, now);
    report(folder === undefined ? text : `${text} (${join(folder, `${name}.log`)})`);
  };
  return {
    writer(name) {
      const lines: string[] = [];
      recent.set(name, lines);
      const file =
        folder === undefined ? undefined : createWriteStream(join(folder, `${name}.log`), { flags: 'a' });
      return (chunk) => {
        file?.write(chunk);
        const added = chunk.toString('utf8').split('\n').filter(Boolean);
        for (const line of added) {
          const error = loggedError(line);
          if (error !== undefined) reportFailure(name, error.name, error.message);
        }
        lines.push(...added);
        if (lines.length > LOG_LINES_MAX) lines.splice(0, lines.length - LOG_LINES_MAX);
      };
    },
    invoked(name, outcome) {
      if ('error' in outcome) reportFailure(name, outcome.error.errorType, outcome.error.errorMessage);
    },
    lines: (name) => [...(recent.get(name) ?? [])],
  };
}

/** Returns the error in a line of a function's JSON log; undefined for all other lines. */
function loggedError(line: string): { name: string; message: string } | undefined {
  if (!line.startsWith('{') || !line.includes('"ERROR"')) return undefined;
  try {
    const { level, message, error } = JSON.parse(line);
    if (level !== 'ERROR') return undefined;
    return { name: String(error?.name ?? 'Error'), message: String(error?.message ?? message) };
  } catch {
    return undefined; // a part of a line
  }
}
