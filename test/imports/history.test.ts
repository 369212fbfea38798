import { describe, expect, it } from 'vitest';
import {
  endEntry,
  extendedHistory,
  firstStart,
  HISTORY_EVENTS_MAX,
  HISTORY_KEPT_MAX,
  historyEvents,
  isRetried,
  outcomeOf,
} from '../../shared/imports/model/history.ts';
import { importError } from '../../shared/imports/model/import-errors.ts';
import type { HistoryEntry, ImportProcess } from '../../shared/imports/model/import-process.ts';
import { areStartsExhausted, STARTED_MS_MIN, STARTS_MAX } from '../../shared/imports/model/starts.ts';

const NOW = Date.UTC(2026, 0, 5, 9);
const error = importError.scheduleWindowMissed();

/** Entries of one attempt, a second apart. */
const entries = (codes: string, a = 1): HistoryEntry[] =>
  [...codes].map((e, index) => ({ t: NOW + index * 1000, e: e as HistoryEntry['e'], a }));

const described = (history: HistoryEntry[]) =>
  historyEvents({ history }).map(({ event, status }) => `${event} ${status}`);

it('contains each event with its time, attempt, status and error', () => {
  const history = [...entries('st'), endEntry('ERRORED', error, 1, NOW + 2000)];
  const event = { attempt: 1, error: null };
  expect(historyEvents({ history })).toEqual([
    { ...event, at: NOW, event: 'submitted', status: 'PENDING' },
    { ...event, at: NOW + 1000, event: 'started', status: 'IN_PROGRESS' },
    { ...event, at: NOW + 2000, event: 'ended', status: 'ERRORED', error },
  ]);
});

it.each([
  ['a replaced import that waited', 'srwtp', ['submitted PENDING', 'replaced PENDING', 'sent PENDING']],
  ['a dry run', 'std', ['submitted PENDING', 'started IN_PROGRESS', 'ended DRY_RUN_SUCCEEDED']],
  ['a dry run that failed', 'stf', ['submitted PENDING', 'started IN_PROGRESS', 'ended DRY_RUN_ERRORED']],
  ['a cancelled import', 'sc', ['submitted PENDING', 'cancelled CANCELLED']],
  ['a retried import', 'eyt', ['ended ERRORED', 'retried PENDING', 'started IN_PROGRESS']],
  [
    'an import that was taken over',
    'statp',
    [
      'submitted PENDING',
      'started IN_PROGRESS',
      'sent_again IN_PROGRESS',
      'taken_over IN_PROGRESS',
      'ended PROCESSED',
    ],
  ],
  ['an import without its first events', 'at', ['sent_again null', 'started IN_PROGRESS']],
])('lists the events of %s', (_, codes, expected) => {
  expect(described(entries(codes)).slice(0, expected.length)).toEqual(expected);
});

it('keeps the latest entries, with room for those of the new attempt', () => {
  const before = entries('a'.repeat(HISTORY_EVENTS_MAX));
  const history = extendedHistory(before, 's', 2, NOW + 99_000);
  expect(history).toHaveLength(HISTORY_KEPT_MAX);
  expect(history.slice(0, -1)).toEqual(before.slice(-(HISTORY_KEPT_MAX - 1)));
  expect(history.at(-1)).toEqual({ t: NOW + 99_000, e: 's', a: 2 });
});

it.each([
  ['st', false],
  ['steyt', true],
  ['stey', true],
  ['steyr', false],
  ['steytes', false],
])('finds whether a retry started the present attempt: %s, %s', (codes, expected) => {
  expect(isRetried({ history: entries(codes) })).toBe(expected);
});

describe('the first start of the present attempt', () => {
  it.each([
    ['is absent before the attempt starts', [...entries('st', 1), ...entries('s', 2)], undefined, undefined],
    ['is the attribute’s time without an entry', entries('s', 2), NOW + 7, NOW + 7],
    ['is the first entry’s time without the attribute', entries('stt', 2), undefined, NOW + 1000],
    ['is the attribute’s time if that is earlier', entries('st', 2), NOW + 7, NOW + 7],
    ['is the entry’s time if that is earlier', entries('st', 2), NOW + 7000, NOW + 1000],
  ])('%s', (_, history, started_at, expected) => {
    const record = { history, attempt: 2, ...(started_at !== undefined && { started_at }) };
    expect(firstStart(record)).toBe(expected);
  });

  it.each([
    ['with too few starts', STARTS_MAX - 1, STARTED_MS_MIN, false],
    ['too soon', STARTS_MAX, STARTED_MS_MIN - 1, false],
    ['after the minimum of both', STARTS_MAX, STARTED_MS_MIN, true],
  ])('decides whether the starts are exhausted: %s', (_, starts, milliseconds, expected) => {
    const record = { history: [], attempt: 1, started_at: NOW };
    expect(areStartsExhausted(record, starts, NOW + milliseconds)).toBe(expected);
    expect(areStartsExhausted({ history: [], attempt: 1 }, starts, NOW + milliseconds)).toBe(false);
  });
});

describe('the outcome', () => {
  const record = (change: Partial<ImportProcess>): ImportProcess => ({
    id: 'TEST_SUPPLIER#1',
    status: 'PENDING',
    attempt: 2,
    revision: 1,
    created_at: NOW,
    modified_at: NOW + 9000,
    submitted_at: NOW,
    is_dry_run: false,
    listing: '',
    listed_at: '',
    history: [...entries('st', 1), endEntry('ERRORED', error, 1, NOW + 2000), ...entries('s', 2)],
    ...change,
  });
  const key = { importSupplier: 'TEST_SUPPLIER', externalIdentifier: '1' };
  const present = { key, attempt: 2, endedAt: NOW + 9000 };

  it.each<[string, number, Partial<ImportProcess>, object | undefined]>([
    ['is absent while the attempt waits', 2, {}, undefined],
    ['is absent while the attempt runs', 2, { status: 'IN_PROGRESS' }, undefined],
    [
      'of a processed import has the platform’s identifier',
      2,
      { status: 'PROCESSED', kraken_identifier: 'k' },
      { ...present, status: 'PROCESSED', krakenIdentifier: 'k' },
    ],
    [
      'of a failed import has its error, and no identifier',
      2,
      { status: 'ERRORED', latest_error: error, kraken_identifier: 'k' },
      { ...present, status: 'ERRORED', error },
    ],
    [
      'of an earlier attempt is in the history',
      1,
      {},
      { key, attempt: 1, status: 'ERRORED', endedAt: NOW + 2000, error },
    ],
    [
      'of an earlier attempt without an error has none',
      1,
      { history: [...entries('stcs', 1)] },
      { key, attempt: 1, status: 'CANCELLED', endedAt: NOW + 2000 },
    ],
    [
      'of an earlier attempt is absent when the history no longer has it',
      1,
      { history: entries('s', 1) },
      undefined,
    ],
  ])('%s', (_, attempt, change, expected) => {
    expect(outcomeOf(record(change), attempt)).toEqual(expected);
  });
});
