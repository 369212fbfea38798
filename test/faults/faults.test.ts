import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environmentNamed } from '../../infra/environments.ts';
import { buildApp } from '../../infra/synthesize.ts';
import { type Always, FAULTS } from './calls.ts';
import { DROP_FLOWS } from './drop-flows.ts';
import { IMPORT_FLOWS } from './flows.ts';
import { runFlow, type Tried, tryAllFaults } from './run-flow.ts';
import { startWorld, type World } from './world.ts';

/** `npm run faults` tries every fault; a plain run of the tests every so-many-th. */
const EVERY_NTH = process.env['FAULTS'] === 'all' ? 1 : 47;
const FLOWS = [...IMPORT_FLOWS, ...DROP_FLOWS];

/** Ranges of less than two rows, so that a small drop has several. */
const DEV = environmentNamed('dev');
const ENVIRONMENT = { ...DEV, drops: { ...DEV.drops, rangeMiB: 1 / 512 } };

const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-faults-'));
let world: World;
beforeAll(async () => {
  buildApp({ environment: ENVIRONMENT, outdir: folder }).synth();
  world = await startWorld(folder);
});
const table: { flow: string; tried: Tried }[] = [];
afterAll(async () => {
  await world.stop();
  rmSync(folder, { recursive: true, force: true });
  console.log(asText(table));
});

describe('whatever AWS call fails, in whatever way', () => {
  it.each(FLOWS.map((flow) => [flow.name, flow] as const))(
    '%s ends well',
    async (name, flow) => {
      const tried = await tryAllFaults(world, flow, EVERY_NTH);
      table.push({ flow: name, tried });
      expect(tried.wrong).toEqual([]);
    },
    600_000,
  );
});

describe('the invariants', () => {
  it.each(BROKEN)('see that %s', async (_, flowName, always, seen) => {
    const flow = FLOWS.find(({ name }) => name === flowName)!;
    const { wrong } = await runFlow(world, { ...flow, always });
    expect(wrong.join('\n')).toMatch(seen);
  });
});

/** Functions that are broken on purpose: what is wrong with them, the flow that it is seen in, and by what. */
const BROKEN: readonly [string, string, Always, RegExp][] = [
  [
    'a promised import was never written',
    'create',
    (command, input) => {
      if (command === 'PutCommand' && input.Item.status === 'PENDING') return 'is not made';
    },
    /answered 201 and lost/,
  ],
  [
    'PROCESSED is said of what was not created',
    'create',
    (command, input) => {
      if (command === 'PutCommand' && 'kraken_identifier' in input.Item) return 'is not made';
    },
    /PROCESSED, but its supply point is not there/,
  ],
  [
    'what was created has no record',
    'create',
    (command, input) => {
      if (command === 'PutCommand' && 'kraken_identifier' in input.Item)
        input.Item.import_supplier = 'OTHER_SUPPLIER';
    },
    /created without a record/,
  ],
  [
    'ERRORED is said of what was created',
    'create',
    (command, input) => {
      if (command === 'UpdateCommand') replaceValue(input, ':status', 'PROCESSED', 'ERRORED');
    },
    /ERRORED, but its supply point is there[\s\S]*without a reason/,
  ],
  [
    'an import hangs',
    'create',
    (command, input) => {
      if (command === 'UpdateCommand' && ':status' in input.ExpressionAttributeValues) return 'is not made';
    },
    /Nothing had settled[\s\S]*hangs IN_PROGRESS/,
  ],
  [
    'another kraken_identifier is told',
    'create',
    (command, input) => {
      if (command === 'UpdateCommand') replaceValue(input, ':kraken_identifier', undefined, 'another');
    },
    /another kraken_identifier/,
  ],
  [
    'a transition is illegal',
    'create',
    (command, input) => {
      const [event] = (command === 'UpdateCommand' && input.ExpressionAttributeValues[':events']) || [];
      if (event?.e === 't') event.e = 'c';
    },
    /CANCELLED → PROCESSED[\s\S]*an attempt ended twice/,
  ],
  [
    'nobody was told of an end',
    'create',
    (command) => {
      if (command === 'PutEventsCommand') return 'is not made';
    },
    /nobody was told that attempt 1 ended PROCESSED/,
  ],
  [
    'an answer was not the truth',
    'cancel',
    (command, input) => {
      if (command === 'UpdateCommand') replaceValue(input, ':status', 'CANCELLED', 'ERRORED');
    },
    /ERRORED, though it was answered that it is CANCELLED/,
  ],
  [
    'rows of a drop are not counted',
    'drop of .csv',
    (command, input) => {
      if (command === 'PutCommand' && 'counts' in input.Item) input.Item.counts.invalid = 0;
    },
    /the report says .*"invalid":0/,
  ],
  [
    'an import that errored is not named',
    'drop of .json',
    (command, input) => {
      if (command === 'PutCommand' && 'endings' in input.Item) delete input.Item.run;
    },
    /the report says .*"errored":1.*"rowsNamed":\["1 or 4 duplicate","2 invalid"\]/,
  ],
];

function replaceValue(
  { ExpressionAttributeValues: values = {} }: { ExpressionAttributeValues?: Record<string, unknown> },
  name: string,
  from: unknown,
  to: unknown,
): void {
  if (name in values && (from === undefined || values[name] === from)) values[name] = to;
}

/** Flows × faults, with the number of cases and of violations. */
function asText(rows: typeof table): string {
  const line = (cells: readonly (string | number)[]): string =>
    cells.map((cell, index) => (index === 0 ? String(cell).padEnd(34) : String(cell).padStart(12))).join('');
  const body = rows.map(({ flow, tried }) =>
    line([flow, ...FAULTS.map((kind) => tried.cases[kind]), tried.wrong.length]),
  );
  const cases = rows
    .flatMap(({ tried }) => Object.values(tried.cases))
    .reduce((sum, count) => sum + count, 0);
  const violations = rows.reduce((sum, { tried }) => sum + tried.wrong.length, 0);
  return [line(['flow', ...FAULTS, 'violations']), ...body, `${cases} cases, ${violations} violations`].join(
    '\n',
  );
}
