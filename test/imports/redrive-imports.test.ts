import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { importError } from '../../shared/imports/model/import-errors.ts';
import { importId } from '../../shared/imports/model/import-process.ts';
import { listingOf } from '../../shared/imports/model/listing.ts';
import { shardOf } from '../../shared/imports/model/shards.ts';
import type { ImportStore } from '../../shared/imports/storage/store.ts';
import { REDRIVEN_MAX, redriveImports } from '../../shared/imports/use-cases/redrive-imports.ts';
import { startTestTables } from '../support/tables.ts';
import { keptQueue, keyOf, storesOf } from './stores.ts';

let tables: Awaited<ReturnType<typeof startTestTables>>;
beforeAll(async () => {
  tables = await startTestTables();
});
afterAll(() => tables.stop());

const NOW = Date.UTC(2030, 0, 7, 9);
const LATER = NOW + 60_000;
let taken = 0;
const newIdentifier = (): string => String(4_006_000_000 + ++taken);

/** Creates an import that ended after too many starts. */
async function exhausted(identifier: string, status: 'ERRORED' | 'DRY_RUN_ERRORED' = 'ERRORED') {
  const { importIn, imports } = storesOf(tables);
  const pending = await importIn('PENDING', identifier, NOW);
  return (await imports.finishUnclaimed(pending, { status, error: importError.attemptsExhausted() }, NOW))!;
}
function redriveWith(imports: ImportStore = storesOf(tables).imports, queue = keptQueue()) {
  const redrive = redriveImports({ imports, index: storesOf(tables).index, queue });
  return { redrive: (supplier = 'TEST_SUPPLIER') => redrive(supplier, LATER), sent: queue.sent };
}
const byKey = (one: { key: { externalIdentifier: string } }, other: typeof one): number =>
  one.key.externalIdentifier < other.key.externalIdentifier ? -1 : 1;

// No test finds what another left.
beforeEach(() => redriveWith().redrive());

it('a redrive starts a new attempt of each exhausted import, and of no other', async () => {
  const dead = [newIdentifier(), newIdentifier()];
  const other = newIdentifier();
  await exhausted(dead[0]!);
  await exhausted(dead[1]!, 'DRY_RUN_ERRORED');
  const { importIn, imports } = storesOf(tables);
  const before = await importIn('ERRORED', other, NOW);
  const { redrive, sent } = redriveWith();
  expect(await redrive('OTHER_SUPPLIER')).toEqual({ redriven: 0, remaining: false });
  expect(await redrive()).toEqual({ redriven: 2, remaining: false });
  for (const identifier of dead) {
    expect(await imports.get(keyOf(identifier))).toMatchObject({
      status: 'PENDING',
      attempt: 2,
      submitted_at: LATER,
      ...listingOf('OPEN', keyOf(identifier), LATER),
    });
  }
  expect(await imports.get(keyOf(other))).toEqual(before);
  expect([...sent].sort(byKey)).toEqual(
    dead.map((identifier) => ({ key: keyOf(identifier), attempt: 2, delaySeconds: 0 })),
  );
  expect(await redrive()).toEqual({ redriven: 0, remaining: false });
});

it('a redrive is done although its messages cannot be sent', async () => {
  const identifier = newIdentifier();
  await exhausted(identifier);
  const { imports, index, nowhere } = storesOf(tables);
  const redrive = redriveImports({ imports, index, queue: nowhere });
  expect(await redrive('TEST_SUPPLIER', LATER)).toEqual({
    redriven: 1,
    remaining: false,
    sendError: expect.any(Error),
  });
  expect(await imports.get(keyOf(identifier))).toMatchObject({ status: 'PENDING', attempt: 2 });
});

it('ten concurrent redrives start one attempt of each import', async () => {
  const dead = [newIdentifier(), newIdentifier(), newIdentifier()];
  for (const identifier of dead) await exhausted(identifier);
  const redrives = Array.from({ length: 10 }, () => redriveWith());
  const outcomes = await Promise.all(redrives.map(({ redrive }) => redrive()));
  expect(outcomes.reduce((sum, { redriven }) => sum + redriven, 0)).toBe(3);
  expect(redrives.flatMap(({ sent }) => sent)).toHaveLength(3);
  for (const identifier of dead) {
    expect(await storesOf(tables).imports.get(keyOf(identifier))).toMatchObject({ attempt: 2 });
  }
});

it.each([
  ['was erased', 'remove'],
  ['failed for another reason', 'fail'],
  ['was retried and failed again', 'retried'],
] as const)('a redrive ignores an entry of an import that %s since the query', async (_, change) => {
  const identifier = newIdentifier();
  const key = keyOf(identifier);
  const dead = await exhausted(identifier);
  const { imports } = storesOf(tables);
  let changed = false;
  const changing: ImportStore = {
    ...imports,
    async get(asked) {
      if (!changed) {
        changed = true;
        if (change === 'remove') await imports.remove(key, dead);
        const error = importError.scheduleWindowMissed();
        if (change === 'fail') await imports.finishUnclaimed(dead, { status: 'ERRORED', error }, LATER);
        // A retry that is received now concerns the failure before it.
        if (change === 'retried')
          await imports.write(
            {
              ...dead,
              attempt: 2,
              revision: 9,
              modified_at: LATER,
              history: [...dead.history, { t: NOW, e: 'y', a: 2 }],
            },
            dead,
          );
      }
      return imports.get(asked);
    },
  };
  const { redrive, sent } = redriveWith(changing);
  expect(await redrive()).toEqual({ redriven: 0, remaining: false });
  expect(sent).toEqual([]);
  // The last of them is exhausted again: the next redrive, received later, would retry it.
  const left = await imports.get(key);
  if (left !== undefined) await imports.remove(key, left);
});

it('a redrive takes at most 25 imports from each of eight partitions, and reports that more remain', async () => {
  expect(REDRIVEN_MAX).toBe(200);
  const template = await exhausted(newIdentifier());
  await redriveWith().redrive();
  const ofShard = Array.from({ length: 400 }, newIdentifier)
    .filter((identifier) => shardOf(identifier) === 0)
    .slice(0, 26);
  expect(ofShard).toHaveLength(26);
  const puts = ofShard.map((identifier) => {
    const key = keyOf(identifier);
    const Item = { ...template, id: importId(key), ...listingOf('EXHAUSTED', key, NOW) };
    return { PutRequest: { Item } };
  });
  const table = tables.endpoints.tables['import-processes']!;
  for (const batch of [puts.slice(0, 25), puts.slice(25)]) {
    await tables.dynamodb.send(new BatchWriteCommand({ RequestItems: { [table]: batch } }));
  }
  const { redrive, sent } = redriveWith();
  expect(await redrive()).toEqual({ redriven: 25, remaining: true });
  expect(await redrive()).toEqual({ redriven: 1, remaining: false });
  expect(sent).toHaveLength(26);
});
