import { gzipSync } from 'node:zlib';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { guideRequest } from '../support/requests.ts';
import { type Flow, isEnded } from './flows.ts';
import { importViolations } from './invariants.ts';
import type { World } from './world.ts';

/** The second supply point of a drop: the first has the flow's identifier. */
const secondOf = (identifier: string): string => String(Number(identifier) + 1_000_000_000);

/** Soon enough that a reader whose first run failed reads the row again when its window has opened long ago. */
const WINDOW_OPENS_SECONDS = 20;

/** Two rows to be imported, one of them later; one that is invalid; and one that asks for the first again. */
function rowsOf(identifier: string, schedule_window_start: string): object[] {
  const { payload } = guideRequest({ identifier });
  return [
    guideRequest({ identifier }),
    { payload: { ...payload, accounts: 'none' } },
    guideRequest({ identifier: secondOf(identifier), taskParameters: { schedule_window_start } }),
    guideRequest({ identifier }),
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
  ].join('\n');

const lines = (identifier: string, later: string): string =>
  rowsOf(identifier, later)
    .map((row) => JSON.stringify(row))
    .join('\n');

const FILES: Readonly<Record<string, (identifier: string, later: string) => string | Buffer>> = {
  ndjson: lines,
  'ndjson.gz': (identifier, later) => gzipSync(lines(identifier, later)),
  json: (identifier, later) => JSON.stringify(rowsOf(identifier, later)),
  csv,
};

/** What a drop's report says: state, counts, and the failed rows' outcomes in their order. */
async function reportOf({ clients, buckets }: World, key: string) {
  const Bucket = buckets['drops']!;
  const listed = await clients.s3.send(new ListObjectsV2Command({ Bucket, Prefix: `reports/${key}/` }));
  const keys = (listed.Contents ?? []).map(({ Key }) => Key!);
  const text = async (ending: string): Promise<string | undefined> => {
    const Key = keys.find((each) => each.endsWith(ending));
    if (Key === undefined) return undefined;
    return (await clients.s3.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString();
  };
  const summary = await text('/summary.json');
  const failed = (await text('/failed.ndjson')) ?? '';
  return {
    summary: summary === undefined ? undefined : JSON.parse(summary),
    outcomes: failed
      .split('\n')
      .filter(Boolean)
      .map((row) => JSON.parse(row).outcome),
  };
}

/** Every row is counted once, in the report as in the tables. */
async function dropViolations(world: World, identifier: string, key: string): Promise<string[]> {
  const { summary, outcomes } = await reportOf(world, key);
  const expected = {
    state: 'ENDED',
    rows: { read: 4, accepted: 2, already_imported: 0, in_progress: 0, duplicate: 1, invalid: 1 },
    imports: { processed: 2, errored: 0, other: 0, open: 0 },
    outcomes: ['duplicate', 'invalid'],
  };
  // Which of two rows in different ranges is the duplicate is not said: that of the range that was read later.
  const found = {
    state: summary?.state,
    rows: summary?.rows,
    imports: summary?.imports,
    outcomes: outcomes.sort(),
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
export const DROP_FLOWS: readonly Flow[] = Object.entries(FILES).map(([ending, fileOf]) => {
  const keyOf = (identifier: string): string => `TEST_SUPPLIER/${identifier}.${ending}`;
  return {
    name: `drop of .${ending}`,
    async act({ clients, buckets, inSeconds }, identifier) {
      const Key = `drops/${keyOf(identifier)}`;
      const Body = fileOf(identifier, inSeconds(WINDOW_OPENS_SECONDS));
      await clients.s3.send(new PutObjectCommand({ Bucket: buckets['drops'], Key, Body }));
      return [];
    },
    async isDone(world, identifier) {
      const ended = await Promise.all([
        isEnded(world, identifier),
        isEnded(world, secondOf(identifier)),
        reportOf(world, keyOf(identifier)).then(({ summary }) => summary?.state === 'ENDED'),
      ]);
      return ended.every(Boolean);
    },
    violations: (world, identifier) => dropViolations(world, identifier, keyOf(identifier)),
  };
});
