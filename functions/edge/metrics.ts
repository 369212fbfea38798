import type { DropState, RowCounts } from '../../shared/drops/drop.ts';
import type { ImportError, ImportKey, ImportStatus } from '../../shared/imports/import-process.ts';
import { isExhausted } from '../../shared/imports/listing.ts';
import { setting } from './settings.ts';

const NAMESPACE = setting('METRICS_NAMESPACE');

type Unit = 'Count' | 'Milliseconds';
type Measure = { name: string; unit: Unit; value: number };

/** Each value of a dimension is paid for as a metric of its own, so the outcome is the only one. The supplier is a field of the line. */
const DIMENSIONS = [['outcome']];

/**
 * Writes metrics as lines of the log, from which CloudWatch takes them: no call, and nothing to wait for. (Source: CloudWatch,
 * "Embedded metric format".) CloudWatch Logs Insights finds a supplier's numbers in them (docs/operations.md, "One supplier's numbers").
 *
 * @param fields what else the line says, so that no second line has to say it
 */
function write(
  supplier: string,
  outcome: string,
  measures: readonly Measure[],
  fields: Readonly<Record<string, unknown>> = {},
): void {
  const line = {
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [
        {
          Namespace: NAMESPACE,
          Dimensions: DIMENSIONS,
          Metrics: measures.map(({ name, unit }) => ({ Name: name, Unit: unit })),
        },
      ],
    },
    ...fields,
    supplier,
    outcome,
    ...Object.fromEntries(measures.map(({ name, value }) => [name, value])),
  };
  // Not console.log, whose lines Lambda puts into lines of its own.
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/**
 * An import ended. To be called once an end, by the run that wrote it. `milliseconds`: since its submission, or since its window
 * opened. Imports whose attempts are exhausted are counted beside, for an alarm.
 *
 * @param fields what else the line says of the import
 */
export function importEnded(
  key: ImportKey,
  { status, milliseconds, error }: { status: ImportStatus; milliseconds: number; error?: ImportError },
  fields?: Readonly<Record<string, unknown>>,
): void {
  const exhausted: Measure[] = isExhausted(error)
    ? [{ name: 'ImportsExhausted', unit: 'Count', value: 1 }]
    : [];
  const measures: Measure[] = [
    { name: 'ImportsEnded', unit: 'Count', value: 1 },
    { name: 'ImportTime', unit: 'Milliseconds', value: Math.max(0, milliseconds) },
    ...exhausted,
  ];
  write(key.importSupplier, status, measures, {
    ...fields,
    externalIdentifier: key.externalIdentifier,
    ...(error && { error }),
  });
}

/** A drop ended, was refused, or was given up on. `milliseconds`: since it was planned. */
export function dropEnded(supplier: string, state: DropState, milliseconds: number): void {
  write(supplier, state, [
    { name: 'DropsEnded', unit: 'Count', value: 1 },
    { name: 'DropTime', unit: 'Milliseconds', value: Math.max(0, milliseconds) },
  ]);
}

/** Rows of a drop were read: a line for each outcome that there was, such as `invalid`. */
export function rowsRead(supplier: string, { rows: _, ...outcomes }: RowCounts): void {
  for (const [outcome, value] of Object.entries(outcomes)) {
    if (value > 0) write(supplier, outcome, [{ name: 'RowsRead', unit: 'Count', value }]);
  }
}
