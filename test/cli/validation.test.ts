import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { estimates } from '../../cli/validation/estimate.ts';
import { rowValidator } from '../../cli/validation/row-validator.ts';
import { describedFields } from '../../shared/contract/described-fields.ts';
import { remedyOf } from '../../shared/drops/reporting/error-groups.ts';
import { guideRequest } from '../support/requests.ts';

it('has the remedy of each rule of each field, also where values are redacted', () => {
  const rules = describedFields().flatMap(({ path, errors }) =>
    errors.map(({ message, remedy }) => ({ error: `${path}: ${message.replace(/\{\w+\}/g, '…')}`, remedy })),
  );
  expect(rules.length).toBeGreaterThan(300);
  expect(rules.filter(({ error, remedy }) => remedyOf(error) !== remedy)).toEqual([]);
  expect([remedyOf('detail: JSON parse error'), remedyOf('no colon')]).toEqual([undefined, undefined]);
});

it('estimates by the figures in docs/measurements.md', () => {
  const measurements = readFileSync(new URL('../../docs/measurements.md', import.meta.url), 'utf8');
  const [, all, seconds] = /\| `npm run soak` \| ([\d,]+) imports .* all PROCESSED after (\d+) s/.exec(
    measurements,
  )!;
  const [, perSecond] = /\| `npm run bench:drop` \| .* imported (\d+) a second/.exec(measurements)!;
  const [, byImport, byDrop] = /^dollars a million +\$([\d.]+) +\$([\d.]+)/m.exec(measurements)!;
  const soakRate = Math.floor(Number(all!.replace(',', '')) / Number(seconds));
  expect(estimates(1_000_000)).toMatchObject([
    { by: 'import', seconds: Math.ceil(1e6 / soakRate), dollars: Number(byImport) },
    { by: 'drop', seconds: Math.ceil(1e6 / Number(perSecond)), dollars: Number(byDrop) },
  ]);
});

it('takes any supplier’s code without --supplier, of more suppliers than it remembers', () => {
  const errorsOf = rowValidator(undefined, 'UTC');
  const { payload } = guideRequest();
  const failed = Array.from({ length: 1500 }, (_, index) =>
    errorsOf(
      { line: 1, offset: 0, body: { payload: { ...payload, import_supplier: `S${index}` } } },
      Date.now(),
    ),
  );
  expect(failed.filter((errors) => errors !== undefined)).toEqual([]);
});
