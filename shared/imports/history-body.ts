import { type HistoryEvent, historyEvents } from './model/history.ts';
import type { ImportProcess } from './model/import-process.ts';
import { startOf, windowEndOf } from './model/transitions.ts';
import { isoTime } from './status-body.ts';

/** The history endpoint's body. */
export type HistoryBody = {
  /** Whether the present attempt is a dry run. */
  is_dry_run: boolean;
  /** The requested or default window in which the present attempt may start. The end is exclusive. */
  schedule_window_start: string;
  schedule_window_end: string;
  /** Events, oldest first. */
  results: HistoryEvent[];
};

/**
 * Returns the parameters of an import's last submission, named as in `task_params`, and its events. The contract defines the
 * status endpoint's keys, so they are here. Times are in the given IANA time zone.
 */
export function historyBody(record: ImportProcess, timeZone: string): HistoryBody {
  return {
    is_dry_run: record.is_dry_run,
    schedule_window_start: isoTime(startOf(record), timeZone),
    schedule_window_end: isoTime(windowEndOf(record), timeZone),
    results: historyEvents(record, timeZone),
  };
}
