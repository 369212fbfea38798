import {
  type HistoryEntry,
  type ImportError,
  type ImportKey,
  type ImportProcess,
  type ImportStatus,
  importKey,
} from './import-process.ts';

/** What can happen to an import, by the names of the API. */
export const EVENT_NAMES = [
  'submitted',
  'replaced',
  'retried',
  'sent',
  'sent_again',
  'started',
  'taken_over',
  'ended',
  'cancelled',
] as const;
type EventName = (typeof EVENT_NAMES)[number];

type Event = { event: EventName; status?: ImportStatus };

/** Event names by the codes in a record, and the status after each event. An event without a status leaves it unchanged. */
const EVENTS: Readonly<Record<HistoryEntry['e'], Event>> = {
  s: { event: 'submitted', status: 'PENDING' },
  r: { event: 'replaced', status: 'PENDING' },
  y: { event: 'retried', status: 'PENDING' },
  /** The sweeper sent the message when the schedule window opened. */
  w: { event: 'sent' },
  /** The sweeper sent the message again because the import was not finished in time. */
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
 * Number of entries from which on the sweeper adds none, because it may send an import any number of times. Starts and ends are
 * always added: an attempt has few. Only a new submission or retry drops the oldest entries.
 */
export const HISTORY_EVENTS_MAX = 50;

/** Maximum number of entries after a new submission or retry. The rest of the limit is for the entries of the new attempt. */
export const HISTORY_KEPT_MAX = 40;

/** Returns the latest entries with a new one, for a write of the whole record. `now` is epoch ms. */
export function extendedHistory(
  before: readonly HistoryEntry[],
  code: 's' | 'r' | 'y',
  attempt: number,
  now: number,
): HistoryEntry[] {
  return [...before.slice(-(HISTORY_KEPT_MAX - 1)), { t: now, e: code, a: attempt }];
}

/** Returns the history entry for a final status. `now` is epoch ms. */
export function endEntry(
  status: FinalStatus,
  error: ImportError | undefined,
  attempt: number,
  now: number,
): HistoryEntry {
  return { t: now, e: END_CODES[status], a: attempt, ...(error && { x: error }) };
}

/** Whether a retry, and not a submission, started the present attempt. */
export function isRetried({ history }: Pick<ImportProcess, 'history'>): boolean {
  return history.findLast(({ e }) => e === 's' || e === 'r' || e === 'y')?.e === 'y';
}

/**
 * Returns when the present attempt was first claimed (epoch ms), or undefined if it was not. Records from before `started_at`
 * have the time in their history only.
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

/** The outcome of an import's attempt. An attempt finishes once. `endedAt` is epoch ms. */
export type Outcome = {
  key: ImportKey;
  attempt: number;
  status: FinalStatus;
  endedAt: number;
  krakenIdentifier?: string | undefined;
  error?: ImportError | undefined;
};

/**
 * Returns the outcome of an attempt: from the record's attributes for the present attempt, from the history for an earlier one.
 * Returns undefined if the attempt is not finished, or if the history no longer contains its end.
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
    // A finished record changes only with a new attempt.
    endedAt: modified_at,
    ...(status === 'PROCESSED' && { krakenIdentifier: kraken_identifier }),
    ...(latest_error && { error: latest_error }),
  };
}

/**
 * An event of an import's history. `at` is epoch ms. `status` is the status after the event, or null if the history no longer contains
 * it.
 */
export type HistoryEvent = {
  at: number;
  event: EventName;
  attempt: number;
  status: ImportStatus | null;
  error: ImportError | null;
};

/** Returns an import's events, oldest first. */
export function historyEvents({ history }: Pick<ImportProcess, 'history'>): HistoryEvent[] {
  let status: ImportStatus | null = null;
  return history.map(({ t, e, a, x }) => {
    const before = status;
    status = EVENTS[e].status ?? status;
    // A claim writes the same code whether or not another run held the import. The status before it distinguishes the two.
    const event = e === 't' && before === 'IN_PROGRESS' ? 'taken_over' : EVENTS[e].event;
    return { at: t, event, attempt: a, status, error: x ?? null };
  });
}
