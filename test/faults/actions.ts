import fc from 'fast-check';
import { FAULTS, type FaultKind } from './calls.ts';
import { type DroppedFile, drop } from './dropped-file.ts';
import { type AcceptedImport, create } from './flows.ts';
import { type Simulation, SUPPLIERS } from './simulation.ts';

/** One action or event of a history. Imports and suppliers are given by their index. */
export type Action =
  | { type: 'create'; import: number; supplier: number; isDryRun: boolean; startsInSeconds: number }
  | { type: 'cancel' | 'retry' | 'duplicate'; import: number }
  /** Drops a file with a row for each of these imports. */
  | { type: 'drop'; imports: number[]; supplier: number; startsInSeconds: number }
  /** Cancels one of the dropped files, if there is one. */
  | { type: 'cancelDrop'; drop: number }
  | { type: 'deliver' | 'sweep' | 'redrive' }
  | { type: 'wait'; seconds: number }
  | { type: 'close' | 'open'; supplier: number }
  /** Makes the function's n-th AWS call from now on fail. */
  | { type: 'fail'; of: string; call: number; kind: FaultKind };

/** The imports' identifiers, the imports that were accepted so far, and the dropped files. */
export type HistoryState = {
  identifiers: readonly string[];
  accepted: AcceptedImport[];
  drops: DroppedFile[];
};

/** Imports of a history: few, for many actions on each. */
export const IMPORTS = 2;

const anImport = fc.nat(IMPORTS - 1);
/** The first is more frequent: operators act on its imports only. */
const aSupplier = fc.constantFrom(0, 0, 1);
/** Functions whose calls fail. Those that write most are more frequent. */
const aFunction = fc.constantFrom(
  ...['worker', 'worker', 'worker', 'create', 'sweeper', 'cancel', 'retry', 'redrive', 'dead-letter'],
  ...['drop-planner', 'drop-reader', 'drop-reader', 'drops-cancel'],
);

const ACTIONS: readonly [weight: number, fc.Arbitrary<Action>][] = [
  [
    4,
    fc.record({
      type: fc.constant('create'),
      import: anImport,
      supplier: aSupplier,
      isDryRun: fc.constantFrom(false, false, true),
      startsInSeconds: fc.constantFrom(0, 0, 0, 600, 3600),
    }),
  ],
  [5, fc.constant({ type: 'deliver' })],
  [
    3,
    fc.record({
      type: fc.constant('fail'),
      of: aFunction,
      call: fc.integer({ min: 1, max: 8 }),
      kind: fc.constantFrom(...FAULTS),
    }),
  ],
  [3, fc.record({ type: fc.constantFrom('cancel', 'retry', 'duplicate'), import: anImport })],
  [
    2,
    fc.record({
      type: fc.constant('drop'),
      imports: fc.array(anImport, { minLength: 1, maxLength: 3 }),
      supplier: aSupplier,
      startsInSeconds: fc.constantFrom(0, 0, 5, 600),
    }),
  ],
  [2, fc.record({ type: fc.constant('cancelDrop'), drop: fc.nat(2) })],
  [2, fc.record({ type: fc.constant('wait'), seconds: fc.constantFrom(5, 25, 61, 130, 950, 4000) })],
  [1, fc.record({ type: fc.constantFrom('sweep', 'redrive') })],
  [1, fc.record({ type: fc.constantFrom('close', 'open'), supplier: aSupplier })],
];

const anAction = fc.oneof(...ACTIONS.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** Consecutive steps of up to three concurrent actions, whose AWS calls are interleaved at random. */
export const aHistory = fc.array(fc.array(anAction, { minLength: 1, maxLength: 3 }), {
  minLength: 3,
  maxLength: 12,
});

/** Performs an action. Clients do not retry: the invariants concern accepted imports only. */
export async function perform(
  simulation: Simulation,
  action: Action,
  { identifiers, accepted, drops }: HistoryState,
): Promise<void> {
  switch (action.type) {
    case 'create': {
      const { startsInSeconds, isDryRun } = action;
      const taskParameters = {
        is_dry_run: isDryRun,
        ...(startsInSeconds > 0 && { schedule_window_start: simulation.inSeconds(startsInSeconds) }),
      };
      const supplier = SUPPLIERS[action.supplier]!;
      accepted.push(...(await create(simulation, identifiers[action.import]!, { supplier, taskParameters })));
      return;
    }
    case 'cancel':
    case 'retry': {
      const parameters = { supplier: SUPPLIERS[0], identifier: identifiers[action.import]! };
      await simulation.request(action.type, { method: 'POST', parameters });
      return;
    }
    case 'cancelDrop': {
      const file = drops[action.drop % Math.max(1, drops.length)];
      if (file === undefined) return;
      const parameters = { supplier: file.importSupplier, drop: file.id };
      await simulation.request('drops-cancel', { method: 'POST', parameters, query: { wait_seconds: '0' } });
      return;
    }
    case 'redrive':
      await simulation.request(action.type, { method: 'POST', parameters: { supplier: SUPPLIERS[0] } });
      return;
    case 'duplicate':
      return simulation.duplicate(identifiers[action.import]!, 1);
    case 'drop': {
      const rows = action.imports.map((number) => identifiers[number]!);
      const start = action.startsInSeconds > 0 ? simulation.inSeconds(action.startsInSeconds) : undefined;
      drops.push(await drop(simulation, SUPPLIERS[action.supplier]!, rows, start));
      return;
    }
    case 'deliver':
      await simulation.deliver();
      return;
    case 'sweep':
      await simulation.invoke('sweeper', {}).catch(() => undefined);
      return;
    case 'wait':
      simulation.advance(action.seconds);
      return;
    case 'close':
    case 'open': {
      const migration = action.type === 'open' ? 'open' : 'closed';
      return simulation.registered.putSupplier({ code: SUPPLIERS[action.supplier]!, migration });
    }
    case 'fail':
      simulation.calls.failNext(action);
  }
}
