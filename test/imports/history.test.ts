import { expect, it } from 'vitest';
import {
  endEntry,
  extendedHistory,
  HISTORY_EVENTS_MAX,
  HISTORY_KEPT_MAX,
  historyEvents,
  isRetried,
} from '../../shared/imports/model/history.ts';
import { importError } from '../../shared/imports/model/import-errors.ts';
import type { HistoryEntry } from '../../shared/imports/model/import-process.ts';

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
