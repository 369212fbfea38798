import {
  type HistoryEntry,
  type ImportError,
  type ImportKey,
  type ImportProcess,
  type ImportStatus,
  importKey,
} from './import-process.ts';
import { isoTime } from './status-body.ts';

type Event = { event: string; status?: ImportStatus };

/** What the letters in a record stand for, and the status that each event led to; one that leads to none keeps it. */
const EVENTS: Readonly<Record<HistoryEntry['e'], Event>> = {
  s: { event: 'submitted', status: 'PENDING' },
  r: { event: 'replaced', status: 'PENDING' },
  y: { event: 'retried', status: 'PENDING' },
  /** The sweeper sent it when its window opened. */
  w: { event: 'sent' },
  /** The sweeper sent it again: it was not finished in time. */
  a: { event: 'sent_again' },
  t: { event: 'started', status: 'IN_PROGRESS' },
  p: { event: 'ended', status: 'PROCESSED' },
  e: { event: 'ended', status: 'ERRORED' },
  d: { event: 'ended', status: 'DRY_RUN_SUCCEEDED' },
  f: { event: 'ended', status: 'DRY_RUN_ERRORED' },
  c: { event: 'cancelled', status: 'CANCELLED' },
};

export type FinalStatus = Exclude<ImportStatus, 'PENDING' | 'IN_PROGRESS'>;
const END_CODES: Readonly<Record<FinalStatus, HistoryEntry['e']>> = {
  PROCESSED: 'p',
  ERRORED: 'e',
  DRY_RUN_SUCCEEDED: 'd',
  DRY_RUN_ERRORED: 'f',
  CANCELLED: 'c',
};

/**
 * Entries from which on the sweeper adds none of its own, as it may send an import any number of times. Starts and ends are
 * always added: an attempt has few. So nothing is ever overwritten, and only a new submission or retry drops the oldest.
 */
export const HISTORY_EVENTS_MAX = 50;

/** Entries that a new submission or retry keeps of those before it, so that there is room for what it brings. */
export const HISTORY_KEPT_MAX = 40;

/** What happened before, with what happens now: for a write of the whole record. */
export function extendedHistory(
  before: readonly HistoryEntry[],
  code: 's' | 'r' | 'y',
  attempt: number,
  now: number,
): HistoryEntry[] {
  return [...before.slice(-(HISTORY_KEPT_MAX - 1)), { t: now, e: code, a: attempt }];
}

/** The entry for an import's end. */
export function endEntry(
  status: FinalStatus,
  error: ImportError | undefined,
  attempt: number,
  now: number,
): HistoryEntry {
  return { t: now, e: END_CODES[status], a: attempt, ...(error && { x: error }) };
}

/** Whether the present attempt was begun by a retry, rather than by a submission. */
export function isRetried({ history }: Pick<ImportProcess, 'history'>): boolean {
  return history.findLast(({ e }) => e === 's' || e === 'r' || e === 'y')?.e === 'y';
}

/**
 * When the present attempt was first started (epoch ms). Undefined: it was not. Records that were started before
 * `started_at` existed only have the history.
 */
export function firstStart({
  history,
  attempt,
  started_at,
}: Pick<ImportProcess, 'history' | 'attempt' | 'started_at'>): number | undefined {
  const entry = history.find(({ a, e }) => a === attempt && e === 't');
  if (entry === undefined || started_at === undefined) return started_at ?? entry?.t;
  return Math.min(started_at, entry.t);
}

/** How an import's attempt ended; an attempt ends once. `endedAt` is epoch ms. */
export type Outcome = {
  key: ImportKey;
  attempt: number;
  status: FinalStatus;
  endedAt: number;
  krakenIdentifier?: string | undefined;
  error?: ImportError | undefined;
};

/**
 * How an attempt ended. The present attempt's end is in the record's own attributes, an earlier one's in its history.
 * Undefined: it has not ended, or it is so long ago that the history has dropped it.
 */
export function outcomeOf(record: ImportProcess, attempt: number): Outcome | undefined {
  if (attempt === record.attempt) return presentOutcome(record);
  const ends = Object.values(END_CODES);
  const entry = record.history.findLast(({ a, e }) => a === attempt && ends.includes(e));
  if (entry === undefined) return undefined;
  const status = EVENTS[entry.e].status as FinalStatus;
  return {
    key: importKey(record.id),
    attempt,
    status,
    endedAt: entry.t,
    ...(entry.x && { error: entry.x }),
  };
}

function presentOutcome(record: ImportProcess): Outcome | undefined {
  const { id, attempt, status, modified_at, kraken_identifier, latest_error } = record;
  if (status === 'PENDING' || status === 'IN_PROGRESS') return undefined;
  return {
    key: importKey(id),
    attempt,
    status,
    // Nothing changes a record after its end but a new attempt.
    endedAt: modified_at,
    ...(status === 'PROCESSED' && { krakenIdentifier: kraken_identifier }),
    ...(latest_error && { error: latest_error }),
  };
}

/** An event as the history endpoint tells it; `status` is the one since then, null where that is not known any more. */
export type HistoryEvent = {
  at: string;
  event: string;
  attempt: number;
  status: ImportStatus | null;
  error: ImportError | null;
};

/** An import's events, oldest first; times in the given IANA time zone. */
export function historyEvents({ history }: Pick<ImportProcess, 'history'>, timeZone: string): HistoryEvent[] {
  let status: ImportStatus | null = null;
  return history.map(({ t, e, a, x }) => {
    const before = status;
    status = EVENTS[e].status ?? status;
    // A claim is one write, whoever held the import before: that it was somebody tells the event before it.
    const event = e === 't' && before === 'IN_PROGRESS' ? 'taken_over' : EVENTS[e].event;
    return { at: isoTime(t, timeZone), event, attempt: a, status, error: x ?? null };
  });
}
