import { expect, it } from 'vitest';
import { isRanged, kindOf } from '../../../shared/drops/formats/drop-kind.ts';

it.each([
  ['A/x.ndjson', { format: 'ndjson', gzip: false }, true],
  ['A/x.jsonl', { format: 'ndjson', gzip: false }, true],
  ['A/x.NDJSON.GZ', { format: 'ndjson', gzip: true }, false],
  ['A/x.json', { format: 'json', gzip: false }, false],
  ['A/x.y.csv', { format: 'csv', gzip: false }, false],
  ['A/x.tsv.gz', { format: 'csv', gzip: true }, false],
])('the kind of %s is that of its extension', (key, kind, ranged) => {
  expect(kindOf(key)).toEqual(kind);
  expect(isRanged(kindOf(key)!)).toBe(ranged);
});

it.each(['A/x', 'A/xcsv', 'A/x.csv.zip', 'A/x.xlsx', 'A/x.csv.gz.gz', 'A/csv/x', 'A/x.', 'A/x.constructor'])(
  'the kind of %s is not supported',
  (key) => {
    expect(kindOf(key)).toBeUndefined();
  },
);
