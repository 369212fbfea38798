import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isoTime } from '../../functions/edge/iso-time.ts';

it.each([
  ['in winter', '2025-07-06T23:00:21.179Z', 'Australia/Sydney', '2025-07-07T09:00:21.179000+10:00'],
  ['in summer', '2025-12-31T13:00:00.000Z', 'Australia/Sydney', '2026-01-01T00:00:00.000000+11:00'],
  [
    'just before the clocks go forward',
    '2025-10-04T15:59:59.999Z',
    'Australia/Sydney',
    '2025-10-05T01:59:59.999000+10:00',
  ],
  [
    'just after the clocks went forward',
    '2025-10-04T16:00:00.000Z',
    'Australia/Sydney',
    '2025-10-05T03:00:00.000000+11:00',
  ],
  ['with half an hour', '2025-07-06T23:00:00.000Z', 'Australia/Adelaide', '2025-07-07T08:30:00.000000+09:30'],
  ['west of Greenwich', '2025-07-06T23:00:00.000Z', 'America/St_Johns', '2025-07-06T20:30:00.000000-02:30'],
  ['in UTC', '2025-07-06T23:00:00.001Z', 'UTC', '2025-07-06T23:00:00.001000+00:00'],
])('writes times %s', (_, instant, zone, expected) => {
  expect(isoTime(Date.parse(instant), zone)).toBe(expected);
});

it('writes the same instant in every zone', () => {
  const zones = fc.constantFrom(
    'Australia/Sydney',
    'Australia/Darwin',
    'Asia/Kathmandu',
    'America/New_York',
    'UTC',
  );
  fc.assert(
    fc.property(
      fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }),
      zones,
      (date, zone) => {
        expect(Date.parse(isoTime(date.getTime(), zone))).toBe(date.getTime());
      },
    ),
  );
});
