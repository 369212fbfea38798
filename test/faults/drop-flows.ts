import { gzipSync } from 'node:zlib';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { HOPS_MAX } from '../../shared/drops/task-chain.ts';
import { krakenIdentifier } from '../../shared/supply-points/store.ts';
import { guideRequest } from '../support/requests.ts';
import { dropReportOf } from './drop-report.ts';
import { type Flow, isEnded } from './flows.ts';
import { importViolations } from './invariants.ts';
import type { World } from './world.ts';

/** The second supply point of a drop: the first has the flow's identifier. */
const secondOf = (identifier: string): string => String(Number(identifier) + 1_000_000_000);
/** One whose import errors: its supply point is another supplier's. */
const takenOf = (identifier: string): string => String(Number(identifier) + 2_000_000_000);

/** Has another supplier own the supply point, as if it had imported it long ago. */
async function take({ supplyPoints }: World, identifier: string): Promise<void> {
  await supplyPoints.create({
    identifier,
    kraken_identifier: krakenIdentifier(identifier),
    import_supplier: 'OTHER_SUPPLIER',
    attempt: 1,
    created_at: 0,
    payload: new Uint8Array(),
  });
}

/** Soon enough that a reader whose first run failed reads the row again when its window has opened long ago. */
const WINDOW_OPENS_SECONDS = 20;
/** Late enough that the last import is still open at the end of a chain of looks, and soon enough that its message is sent at once. */
const LATE_WINDOW_OPENS_SECONDS = 890;

/** Two rows to be imported, one of them later; one that is invalid; one that asks for the first again; and one whose import errors. */
function rowsOf(identifier: string, schedule_window_start: string): object[] {
  const { payload } = guideRequest({ identifier });
  return [
    guideRequest({ identifier }),
    { payload: { ...payload, accounts: 'none' } },
    guideRequest({ identifier: secondOf(identifier), taskParameters: { schedule_window_start } }),
    guideRequest({ identifier }),
    guideRequest({ identifier: takenOf(identifier) }),
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
    `TEST_SUPPLIER,${takenOf(identifier)},ELECTRICITY_DISTRIBUTION,1`,
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

/** Every row is counted once, in the report as in the tables; and what failed is listed, in the order of the rows. */
async function dropViolations(world: World, identifier: string, key: string): Promise<string[]> {
  const { summary, failed, alreadyImported } = await dropReportOf(world, key);
  const expected = {
    state: 'ENDED',
    rows: { read: 5, accepted: 3, already_imported: 0, in_progress: 0, duplicate: 1, invalid: 1 },
    imports: { processed: 2, errored: 1, dry_run_succeeded: 0, dry_run_errored: 0, cancelled: 0, open: 0 },
    rowsNamed: ['1 or 4 duplicate', '2 invalid', '5 errored'],
    isInOrder: true,
    alreadyImported: [],
    errored: ['supply_point_import: supply_point_already_exists'],
  };
  const headerLines = key.endsWith('.csv') ? 1 : 0;
  const numbers = failed.map(({ line }) => Number(line) - headerLines);
  const errors: { error: string; outcome?: string }[] = summary?.most_frequent_errors ?? [];
  // Which of two rows in different ranges is the duplicate is not said: that of the range that was read later.
  const named = (number: number, outcome: string) =>
    outcome === 'duplicate' && (number === 1 || number === 4) ? '1 or 4 duplicate' : `${number} ${outcome}`;
  const found = {
    state: summary?.state,
    rows: summary?.rows,
    imports: summary?.imports,
    rowsNamed: failed.map(({ outcome }, index) => named(numbers[index]!, outcome)).sort(),
    isInOrder: numbers.every((number, index) => index === 0 || numbers[index - 1]! < number),
    alreadyImported,
    errored: errors.filter(({ outcome }) => outcome === 'errored').map(({ error }) => error),
  };
  const differs = JSON.stringify(found) !== JSON.stringify(expected);
  const promised = [identifier, secondOf(identifier)];
  const ofImports = await Promise.all(
    promised.map((externalIdentifier) =>
      importViolations(world, externalIdentifier, [{ importSupplier: 'TEST_SUPPLIER', externalIdentifier }]),
    ),
  );
  return [...(differs ? [`the report says ${JSON.stringify(found)}`] : []), ...ofImports.flat()];
}

/** A drop of every kind. */
export const DROP_FLOWS: readonly Flow[] = [
  ...Object.keys(FILES).map((ending) => dropFlow(ending, WINDOW_OPENS_SECONDS)),
  {
    ...dropFlow('json', LATE_WINDOW_OPENS_SECONDS),
    name: 'drop that is deferred',
    // From the last look of the first chain on, which defers the next one.
    triedFrom: (calls) => indexOfNth(calls, 'drop-reader BatchGetCommand', HOPS_MAX),
  },
];

function indexOfNth(calls: readonly string[], wanted: string, nth: number): number {
  const found = calls.flatMap((call, index) => (call === wanted ? [index] : []))[nth - 1];
  if (found === undefined) throw new Error(`"${wanted}" was not called ${nth} times.`);
  return found;
}

/** A drop whose last import may start only after so long. */
export function dropFlow(ending: string, windowOpensSeconds: number): Flow {
  const keyOf = (identifier: string): string => `TEST_SUPPLIER/${identifier}.${ending}`;
  return {
    name: `drop of .${ending}`,
    async act(world, identifier) {
      const { clients, buckets, inSeconds } = world;
      await take(world, takenOf(identifier));
      const Key = `drops/${keyOf(identifier)}`;
      const Body = FILES[ending]!(identifier, inSeconds(windowOpensSeconds));
      await clients.s3.send(new PutObjectCommand({ Bucket: buckets['drops'], Key, Body }));
      return [];
    },
    async isDone(world, identifier) {
      const ended = await Promise.all([
        isEnded(world, identifier),
        isEnded(world, secondOf(identifier)),
        dropReportOf(world, keyOf(identifier)).then(({ summary }) => summary?.state === 'ENDED'),
      ]);
      return ended.every(Boolean);
    },
    violations: (world, identifier) => dropViolations(world, identifier, keyOf(identifier)),
  };
}
