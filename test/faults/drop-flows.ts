import { gzipSync } from 'node:zlib';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { HOPS_MAX } from '../../shared/drops/task-chain.ts';
import { krakenIdentifier } from '../../shared/supply-points/kraken-identifier.ts';
import { guideRequest } from '../support/requests.ts';
import { dropReportOf } from './drop-report.ts';
import { type DroppedFile, drop, droppedFileViolations, isDropFinished } from './dropped-file.ts';
import { type Flow, isFinished } from './flows.ts';
import { importViolations } from './invariants.ts';
import type { Simulation } from './simulation.ts';

/** The drop's second supply point. The first has the flow's identifier. */
const secondOf = (identifier: string): string => String(Number(identifier) + 1_000_000_000);
/** A supply point that belongs to another supplier: its import ends ERRORED. */
const othersOf = (identifier: string): string => String(Number(identifier) + 2_000_000_000);

/** Creates a supply point of another supplier. */
async function createForOtherSupplier({ supplyPoints }: Simulation, identifier: string): Promise<void> {
  await supplyPoints.create({
    identifier,
    kraken_identifier: krakenIdentifier(identifier),
    import_supplier: 'OTHER_SUPPLIER',
    attempt: 1,
    created_at: 0,
    payload: new Uint8Array(),
  });
}

/** Short: when a failed reader reads the row again, the window has already opened. */
const WINDOW_OPENS_SECONDS = 20;
/** Long: the last import is still open after a whole chain of polls. Below SQS's longest delay: its message is sent at once. */
const LATE_WINDOW_OPENS_SECONDS = 890;

/** Five rows: valid, invalid, valid with a later window, a duplicate of the first, and one whose import ends ERRORED. */
function rowsOf(identifier: string, schedule_window_start: string): object[] {
  const { payload } = guideRequest({ identifier });
  return [
    guideRequest({ identifier }),
    { payload: { ...payload, accounts: 'none' } },
    guideRequest({ identifier: secondOf(identifier), taskParameters: { schedule_window_start } }),
    guideRequest({ identifier }),
    guideRequest({ identifier: othersOf(identifier) }),
  ];
}

const CSV_COLUMNS =
  'import_supplier,supply_point.identifier,supply_point.supply_type,supply_point.substation';
const csv = (identifier: string): string =>
  [
    CSV_COLUMNS,
    `TEST_SUPPLIER,${identifier},ELECTRICITY_DISTRIBUTION,1`,
    `TEST_SUPPLIER,${identifier},NO_SUCH_TYPE,1`,
    `TEST_SUPPLIER,${secondOf(identifier)},ELECTRICITY_DISTRIBUTION,1`,
    `TEST_SUPPLIER,${identifier},ELECTRICITY_DISTRIBUTION,2`,
    `TEST_SUPPLIER,${othersOf(identifier)},ELECTRICITY_DISTRIBUTION,1`,
  ].join('\n');

const lines = (identifier: string, later: string): string =>
  rowsOf(identifier, later)
    .map((row) => JSON.stringify(row))
    .join('\n');

const FILES: Readonly<Record<string, (identifier: string, later: string) => string | Buffer>> = {
  ndjson: lines,
  'ndjson.gz': (identifier, later) => gzipSync(lines(identifier, later)),
  json: (identifier, later) => `[${lines(identifier, later).replaceAll('\n', ',\n')}]`,
  csv,
};

/** Checks that the report counts every row once and lists the failed rows in the file's order, and checks the imports. */
async function dropViolations(simulation: Simulation, identifier: string, key: string): Promise<string[]> {
  const { summary, failed, alreadyImported } = await dropReportOf(simulation, key);
  const expected = {
    state: 'ENDED',
    rows: { read: 5, accepted: 3, already_imported: 0, in_progress: 0, duplicate: 1, invalid: 1 },
    imports: { processed: 2, errored: 1, dry_run_succeeded: 0, dry_run_errored: 0, cancelled: 0, open: 0 },
    listed: ['1 or 4 duplicate', '2 invalid', '5 errored'],
    isInOrder: true,
    alreadyImported: [],
    errored: ['supply_point_import: supply_point_already_exists'],
  };
  const headerLines = key.endsWith('.csv') ? 1 : 0;
  const numbers = failed.map(({ line }) => Number(line) - headerLines);
  const errors: { error: string; outcome?: string }[] = summary?.most_frequent_errors ?? [];
  // Of two equal rows in different ranges, the one that is read later is the duplicate: it may be either.
  const label = (number: number, outcome: string) =>
    outcome === 'duplicate' && (number === 1 || number === 4) ? '1 or 4 duplicate' : `${number} ${outcome}`;
  const found = {
    state: summary?.state,
    rows: summary?.rows,
    imports: summary?.imports,
    listed: failed.map(({ outcome }, index) => label(numbers[index]!, outcome)).sort(),
    isInOrder: numbers.every((number, index) => index === 0 || numbers[index - 1]! < number),
    alreadyImported,
    errored: errors.filter(({ outcome }) => outcome === 'errored').map(({ error }) => error),
  };
  const isWrong = JSON.stringify(found) !== JSON.stringify(expected);
  const accepted = [identifier, secondOf(identifier)];
  const ofImports = await Promise.all(
    accepted.map((externalIdentifier) =>
      importViolations(simulation, externalIdentifier, [
        { importSupplier: 'TEST_SUPPLIER', externalIdentifier },
      ]),
    ),
  );
  return [...(isWrong ? [`the report has ${JSON.stringify(found)}`] : []), ...ofImports.flat()];
}

/** One flow for each file format, and one whose polling is deferred. */
export const DROP_FLOWS: readonly Flow[] = [
  cancelledDropFlow(),
  ...Object.keys(FILES).map((ending) => dropFlow(ending, WINDOW_OPENS_SECONDS)),
  {
    ...dropFlow('json', LATE_WINDOW_OPENS_SECONDS),
    name: 'drop that is deferred',
    // The last poll of the first chain defers the next one.
    firstFaultIndex: (calls) => indexOfNth(calls, 'drop-reader BatchGetCommand', HOPS_MAX),
  },
];

/** A drop that is cancelled after its file was read, while an import's window has not opened. */
function cancelledDropFlow(): Flow {
  const file = (identifier: string) => files.get(identifier)!;
  const files = new Map<string, DroppedFile>();
  return {
    name: 'drop that is cancelled',
    async act(simulation, identifier) {
      const opens = simulation.inSeconds(LATE_WINDOW_OPENS_SECONDS);
      const rows = [identifier, secondOf(identifier)];
      files.set(identifier, await drop(simulation, 'TEST_SUPPLIER', rows, opens));
      await simulation.deliver();
      const parameters = { supplier: 'TEST_SUPPLIER', drop: file(identifier).id };
      const query = { wait_seconds: '0' };
      await simulation.request('drops-cancel', { method: 'POST', parameters, query });
      return [];
    },
    isDone: (simulation, identifier) => isDropFinished(simulation, file(identifier)),
    violations: (simulation, identifier) => droppedFileViolations(simulation, file(identifier)),
  };
}

function indexOfNth(calls: readonly string[], wanted: string, nth: number): number {
  const found = calls.flatMap((call, index) => (call === wanted ? [index] : []))[nth - 1];
  if (found === undefined) throw new Error(`Fewer than ${nth} calls of "${wanted}".`);
  return found;
}

/** A drop of this format, one of whose imports has a window that opens after so many seconds. */
export function dropFlow(ending: string, windowOpensSeconds: number): Flow {
  const keyOf = (identifier: string): string => `TEST_SUPPLIER/${identifier}.${ending}`;
  return {
    name: `drop of .${ending}`,
    async act(simulation, identifier) {
      const { clients, buckets, inSeconds } = simulation;
      await createForOtherSupplier(simulation, othersOf(identifier));
      const Key = `drops/${keyOf(identifier)}`;
      const Body = FILES[ending]!(identifier, inSeconds(windowOpensSeconds));
      await clients.s3.send(new PutObjectCommand({ Bucket: buckets['drops'], Key, Body }));
      return [];
    },
    async isDone(simulation, identifier) {
      const ended = await Promise.all([
        isFinished(simulation, identifier),
        isFinished(simulation, secondOf(identifier)),
        dropReportOf(simulation, keyOf(identifier)).then(({ summary }) => summary?.state === 'ENDED'),
      ]);
      return ended.every(Boolean);
    },
    violations: (simulation, identifier) => dropViolations(simulation, identifier, keyOf(identifier)),
  };
}
