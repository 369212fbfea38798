import { type HistoryEvent, historyEvents } from './history.ts';
import type { ImportProcess } from './import-process.ts';
import { isoTime } from './status-body.ts';
import { startOf, windowEndOf } from './transitions.ts';

/** The history endpoint's body. */
export type HistoryBody = {
  /** Whether the present attempt is a dry run. */
  is_dry_run: boolean;
  /** From when, and until before when, the present attempt may start, be it as it was sent or the default. */
  schedule_window_start: string;
  schedule_window_end: string;
  /** What happened, oldest first. */
  results: HistoryEvent[];
};

/**
 * Answers what was asked of an import last, with the names of the request's `task_params`, and what happened to it. The status
 * endpoint cannot: its keys are the contract's. Times are in the given IANA time zone.
 */
export function historyBody(record: ImportProcess, timeZone: string): HistoryBody {
  return {
    is_dry_run: record.is_dry_run,
    schedule_window_start: isoTime(startOf(record), timeZone),
    schedule_window_end: isoTime(windowEndOf(record), timeZone),
    results: historyEvents(record, timeZone),
  };
}
