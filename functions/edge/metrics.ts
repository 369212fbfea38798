import type { DropState, RowCounts } from '../../shared/drops/drop.ts';
import type { ImportError, ImportKey, ImportStatus } from '../../shared/imports/model/import-process.ts';
import { isExhausted } from '../../shared/imports/model/listing.ts';
import { setting } from './settings.ts';

const NAMESPACE = setting('METRICS_NAMESPACE');

type Unit = 'Count' | 'Milliseconds';
type Measure = { name: string; unit: Unit; value: number };

/** CloudWatch bills each value of a dimension as a metric, so the outcome is the only dimension. The supplier is a field of the line. */
const DIMENSIONS = [['outcome']];

/**
 * Writes metrics as log lines, which CloudWatch extracts without an API call (source: CloudWatch, "Embedded metric format"). CloudWatch
 * Logs Insights finds a supplier's numbers in them (docs/operations.md, "One supplier's numbers").
 *
 * @param fields more fields of the line, which save a second line
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
  // Lambda wraps the output of console.log in lines of its own.
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/**
 * Records that an import reached a final status. Only the run that wrote the status may call it, once. Also counts imports whose
 * attempts are exhausted, for an alarm. `milliseconds`: since the submission, or since the schedule window opened.
 *
 * @param fields more fields of the line
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

/** Records that imports of a cancelled drop were cancelled. */
export function importsCancelled(supplier: string, value: number): void {
  write(supplier, 'CANCELLED', [{ name: 'ImportsEnded', unit: 'Count', value }]);
}

/** Records that a drop reached a final state. `milliseconds`: since it was planned. */
export function dropEnded(supplier: string, state: DropState, milliseconds: number): void {
  write(supplier, state, [
    { name: 'DropsEnded', unit: 'Count', value: 1 },
    { name: 'DropTime', unit: 'Milliseconds', value: Math.max(0, milliseconds) },
  ]);
}

/** Records how many rows of a drop were read: one line for each outcome that occurred, such as `invalid`. */
export function rowsRead(supplier: string, { rows: _, ...outcomes }: RowCounts): void {
  for (const [outcome, value] of Object.entries(outcomes)) {
    if (value > 0) write(supplier, outcome, [{ name: 'RowsRead', unit: 'Count', value }]);
  }
}
