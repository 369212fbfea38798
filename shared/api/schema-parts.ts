import * as v from 'valibot';

/** Parts of the API's schemas (schemas.ts, drop-schemas.ts). */

/** A time such as `2026-11-24T08:11:18.199000+11:00`, in the environment's time zone. */
export const Time = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.description('A time with six decimals and an offset, in the environment’s time zone.'),
  v.examples(['2026-11-24T08:11:18.199000+11:00']),
);
export const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
export const described = <T extends v.GenericSchema>(schema: T, text: string) =>
  v.pipe(schema, v.description(text));
export const NextCursor = described(
  v.nullable(v.string()),
  'The cursor of the next page; null on the last page.',
);
