import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environmentNamed } from '../../infra/environments.ts';
import { appOf } from '../support/synthesize.ts';
import { type CallOverride, FAULTS } from './calls.ts';
import { DROP_FLOWS } from './drop-flows.ts';
import { IMPORT_FLOWS } from './flows.ts';
import { type FaultResults, runFlow, runWithAllFaults } from './run-flow.ts';
import { type Simulation, startSimulation } from './simulation.ts';

/** Faults of each flow. `npm run faults` injects every fault; `npm test` a few of each flow, spread over its calls and the kinds. */
const CASES_MAX = process.env['FAULTS'] === 'all' ? Number.POSITIVE_INFINITY : 3;
/** For a broken function, with which an import may never finish. */
const BROKEN_ROUNDS_MAX = 12;
const FLOWS = [...IMPORT_FLOWS, ...DROP_FLOWS];

/** Ranges shorter than two rows: a small drop has several. */
const DEV = environmentNamed('dev');
const ENVIRONMENT = { ...DEV, drops: { ...DEV.drops, rangeMiB: 1 / 512 } };

const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-faults-'));
let simulation: Simulation;
beforeAll(async () => {
  appOf(ENVIRONMENT, { outdir: folder }).synth();
  simulation = await startSimulation(folder);
});
const table: { flow: string; results: FaultResults }[] = [];
afterAll(async () => {
  await simulation.stop();
  rmSync(folder, { recursive: true, force: true });
  console.log(asText(table));
});

describe('with a fault in any AWS call', () => {
  it.each(FLOWS.map((flow) => [flow.name, flow] as const))(
    '%s keeps all invariants',
    async (name, flow) => {
      const results = await runWithAllFaults(simulation, flow, CASES_MAX);
      table.push({ flow: name, results });
      expect(results.violations).toEqual([]);
    },
    600_000,
  );
});

describe('the invariant checks', () => {
  it.each(BROKEN)('detect that %s', async (_, flowName, override, violation) => {
    const flow = FLOWS.find(({ name }) => name === flowName)!;
    const { violations } = await runFlow(simulation, { ...flow, override }, undefined, BROKEN_ROUNDS_MAX);
    expect(violations.join('\n')).toMatch(violation);
  });
});

/** Functions that are broken on purpose: the defect, the flow that shows it, and the violation that is found. */
const BROKEN: readonly [string, string, CallOverride, RegExp][] = [
  [
    'an accepted import is not stored',
    'create',
    (command, input) => {
      if (command === 'PutCommand' && input.Item.status === 'PENDING') return 'skip';
    },
    /accepted with 201 and lost/,
  ],
  [
    'an import is PROCESSED without its supply point',
    'create',
    (command, input) => {
      if (command === 'PutCommand' && 'kraken_identifier' in input.Item) return 'skip';
    },
    /PROCESSED, but its supply point does not exist/,
  ],
  [
    'a supply point has no import',
    'create',
    (command, input) => {
      if (command === 'PutCommand' && 'kraken_identifier' in input.Item)
        input.Item.import_supplier = 'OTHER_SUPPLIER';
    },
    /supply point without an import/,
  ],
  [
    'an import is ERRORED although its supply point was created',
    'create',
    (command, input) => {
      if (command === 'UpdateCommand') replaceValue(input, ':status', 'PROCESSED', 'ERRORED');
    },
    /ERRORED, but its supply point exists[\s\S]*without a latest_error/,
  ],
  [
    'an import never finishes',
    'create',
    (command, input) => {
      if (command === 'UpdateCommand' && ':status' in input.ExpressionAttributeValues) return 'skip';
    },
    /Not settled[\s\S]*still IN_PROGRESS/,
  ],
  [
    'a kraken_identifier is wrong',
    'create',
    (command, input) => {
      if (command === 'UpdateCommand') replaceValue(input, ':kraken_identifier', undefined, 'another');
    },
    /wrong kraken_identifier/,
  ],
  [
    'a status transition is not allowed',
    'create',
    (command, input) => {
      const [event] = (command === 'UpdateCommand' && input.ExpressionAttributeValues[':events']) || [];
      if (event?.e === 't') event.e = 'c';
    },
    /CANCELLED → PROCESSED[\s\S]*an attempt finished twice/,
  ],
  [
    'an outcome event was not published',
    'create',
    (command) => {
      if (command === 'PutEventsCommand') return 'skip';
    },
    /no event for attempt 1, which finished PROCESSED/,
  ],
  [
    'a cancel was confirmed but did not happen',
    'cancel',
    (command, input) => {
      if (command === 'UpdateCommand') replaceValue(input, ':status', 'CANCELLED', 'ERRORED');
    },
    /ERRORED, although a response reported CANCELLED/,
  ],
  [
    'a report does not count rows of its drop',
    'drop of .csv',
    (command, input) => {
      if (command === 'PutCommand' && 'counts' in input.Item) input.Item.counts.invalid = 0;
    },
    /the report has .*"invalid":0/,
  ],
  [
    'a report does not list an import that ended ERRORED',
    'drop of .json',
    (command, input) => {
      if (command === 'PutCommand' && 'endings' in input.Item) delete input.Item.run;
    },
    /the report has .*"errored":1.*"listed":\["1 or 4 duplicate","2 invalid"\]/,
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

/** A table of flows by faults, with the number of cases and of violations. */
function asText(rows: typeof table): string {
  const line = (cells: readonly (string | number)[]): string =>
    cells.map((cell, index) => (index === 0 ? String(cell).padEnd(34) : String(cell).padStart(14))).join('');
  const body = rows.map(({ flow, results }) =>
    line([flow, ...FAULTS.map((kind) => results.cases[kind]), results.violations.length]),
  );
  const cases = rows
    .flatMap(({ results }) => Object.values(results.cases))
    .reduce((sum, count) => sum + count, 0);
  const violations = rows.reduce((sum, { results }) => sum + results.violations.length, 0);
  return [line(['flow', ...FAULTS, 'violations']), ...body, `${cases} cases, ${violations} violations`].join(
    '\n',
  );
}
