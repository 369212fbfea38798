import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dropSource, reportKey } from '../../shared/drops/drop.ts';

const UPLOADED = new Date('2025-10-07T09:00:21Z');
const ETAG = '5eeb71fdde6abd1bdb127de532004345';
const keysOf = (name: string) => {
  const source = dropSource('bucket', `drops/${name}`, ETAG, UPLOADED);
  return (['summary.json', 'failed.ndjson', 'already_imported.ndjson'] as const).map((file) =>
    reportKey(source, file),
  );
};

test('the key of a report contains the name and version of its drop', () => {
  const folder = `reports/TEST_SUPPLIER/März.ndjson/20251007T090021Z-${ETAG}`;
  expect(keysOf('TEST_SUPPLIER/März.ndjson')).toStrictEqual([
    `${folder}/summary.json`,
    `${folder}/failed.ndjson`,
    `${folder}/already_imported.ndjson`,
  ]);
});

test('the keys of a report are valid in S3 and unique per drop', () => {
  const most = 1024 - 'drops/'.length;
  const name = fc
    .tuple(
      fc.constantFrom('x', 'é', '😀', 'ab/'),
      fc.integer({ min: 900, max: most }),
      fc.integer({ min: 0, max: 9 }),
    )
    .map(([unit, bytes, last]) => unit.repeat(Math.floor((bytes - 1) / Buffer.byteLength(unit))) + last);
  fc.assert(
    fc.property(name, name, (one, other) => {
      const keys = keysOf(one);
      for (const key of keys) {
        expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1024);
        expect(key).not.toContain('\ufffd');
      }
      expect(new Set(keys.map((key) => key.slice(0, key.lastIndexOf('/')))).size).toBe(1);
      if (one !== other) expect(keysOf(other)).not.toContain(keys[0]);
    }),
    { numRuns: 1000 },
  );
});
