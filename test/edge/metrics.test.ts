import { beforeAll, describe, expect, it } from 'vitest';
import { noRows } from '../../shared/drops/drop.ts';
import { importError } from '../../shared/imports/model/import-errors.ts';
import { withLog } from './invoke.ts';

let metrics: typeof import('../../functions/edge/metrics.ts');
beforeAll(async () => {
  process.env['METRICS_NAMESPACE'] = 'a-namespace';
  metrics = await import('../../functions/edge/metrics.ts');
});

const key = { importSupplier: 'TEST_SUPPLIER', externalIdentifier: '2000000001' };
const written = async (write: () => void) => (await withLog(write)).lines;
/** A line of the embedded metric format with these metrics. */
const line = (metrics: [string, string][], rest: object) => ({
  _aws: {
    Timestamp: expect.any(Number),
    CloudWatchMetrics: [
      {
        Namespace: 'a-namespace',
        Dimensions: [['outcome']],
        Metrics: metrics.map(([Name, Unit]) => ({ Name, Unit })),
      },
    ],
  },
  ...rest,
});

describe('metrics', () => {
  it('count an import that ended, with its time and more fields', async () => {
    const lines = await written(() =>
      metrics.importEnded(key, { status: 'PROCESSED', milliseconds: 12 }, { attempt: 3 }),
    );
    const counted: [string, string][] = [
      ['ImportsEnded', 'Count'],
      ['ImportTime', 'Milliseconds'],
    ];
    expect(lines).toEqual([
      line(counted, {
        attempt: 3,
        externalIdentifier: '2000000001',
        supplier: 'TEST_SUPPLIER',
        outcome: 'PROCESSED',
        ImportsEnded: 1,
        ImportTime: 12,
      }),
    ]);
  });

  it('count an import whose attempts are exhausted, with its error, and no negative time', async () => {
    const error = importError.attemptsExhausted();
    const [only] = await written(() =>
      metrics.importEnded(key, { status: 'ERRORED', milliseconds: -1, error }),
    );
    expect(only).toMatchObject({ outcome: 'ERRORED', ImportsExhausted: 1, ImportTime: 0, error });
    expect(only).toHaveProperty('_aws.CloudWatchMetrics.0.Metrics.2', {
      Name: 'ImportsExhausted',
      Unit: 'Count',
    });
  });

  it('count a drop that ended', async () => {
    const lines = await written(() => metrics.dropEnded('TEST_SUPPLIER', 'ENDED', -5));
    const counted: [string, string][] = [
      ['DropsEnded', 'Count'],
      ['DropTime', 'Milliseconds'],
    ];
    expect(lines).toEqual([
      line(counted, { supplier: 'TEST_SUPPLIER', outcome: 'ENDED', DropsEnded: 1, DropTime: 0 }),
    ]);
  });

  it('count rows by outcome, without outcomes that did not occur', async () => {
    const lines = await written(() =>
      metrics.rowsRead('TEST_SUPPLIER', { ...noRows(), rows: 5, accepted: 4, invalid: 1 }),
    );
    expect(lines).toEqual([
      line([['RowsRead', 'Count']], { supplier: 'TEST_SUPPLIER', outcome: 'accepted', RowsRead: 4 }),
      line([['RowsRead', 'Count']], { supplier: 'TEST_SUPPLIER', outcome: 'invalid', RowsRead: 1 }),
    ]);
  });
});
