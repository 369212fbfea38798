import fc from 'fast-check';
import { FAULTS, type FaultKind } from './calls.ts';
import { type Dropped, drop } from './dropped.ts';
import { create, type Promised } from './flows.ts';
import { SUPPLIERS, type World } from './world.ts';

/** Something that somebody does, or that happens, at a point of a history. Imports and suppliers are told by their numbers. */
export type Happening =
  | { does: 'create'; import: number; supplier: number; isDryRun: boolean; startsInSeconds: number }
  | { does: 'cancel' | 'retry' | 'duplicate'; import: number }
  /** A file is dropped, with a row for each of these imports. */
  | { does: 'drop'; imports: number[]; supplier: number; startsInSeconds: number }
  | { does: 'deliver' | 'sweep' | 'redrive' }
  | { does: 'wait'; seconds: number }
  | { does: 'close' | 'open'; supplier: number }
  /** The n-th AWS call that a function makes from here on fails. */
  | { does: 'fail'; of: string; call: number; kind: FaultKind };

/** What a history is about: its imports' identifiers, and what was promised of them so far. */
export type Course = { identifiers: readonly string[]; promised: Promised[]; drops: Dropped[] };

/** Imports of a history: few, so that much happens to each. */
export const IMPORTS = 2;

const anImport = fc.nat(IMPORTS - 1);
/** The first more often: it is the one whose operators act. */
const aSupplier = fc.constantFrom(0, 0, 1);
/** Functions whose calls fail, those with the most to lose more often. */
const aFunction = fc.constantFrom(
  ...['worker', 'worker', 'worker', 'create', 'sweeper', 'cancel', 'retry', 'redrive', 'dead-letter'],
  ...['drop-planner', 'drop-reader', 'drop-reader'],
);

const HAPPENINGS: readonly [weight: number, fc.Arbitrary<Happening>][] = [
  [
    4,
    fc.record({
      does: fc.constant('create'),
      import: anImport,
      supplier: aSupplier,
      isDryRun: fc.constantFrom(false, false, true),
      startsInSeconds: fc.constantFrom(0, 0, 0, 600, 3600),
    }),
  ],
  [5, fc.constant({ does: 'deliver' })],
  [
    3,
    fc.record({
      does: fc.constant('fail'),
      of: aFunction,
      call: fc.integer({ min: 1, max: 8 }),
      kind: fc.constantFrom(...FAULTS),
    }),
  ],
  [3, fc.record({ does: fc.constantFrom('cancel', 'retry', 'duplicate'), import: anImport })],
  [
    2,
    fc.record({
      does: fc.constant('drop'),
      imports: fc.array(anImport, { minLength: 1, maxLength: 3 }),
      supplier: aSupplier,
      startsInSeconds: fc.constantFrom(0, 0, 5, 600),
    }),
  ],
  [2, fc.record({ does: fc.constant('wait'), seconds: fc.constantFrom(5, 25, 61, 130, 950, 4000) })],
  [1, fc.record({ does: fc.constantFrom('sweep', 'redrive') })],
  [1, fc.record({ does: fc.constantFrom('close', 'open'), supplier: aSupplier })],
];

const aHappening = fc.oneof(...HAPPENINGS.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** What happens one after another: up to three things at a time, whose AWS calls are interleaved at random. */
export const aHistory = fc.array(fc.array(aHappening, { minLength: 1, maxLength: 3 }), {
  minLength: 3,
  maxLength: 12,
});

/** Has it happen. Nobody repeats what was not answered, or failed: what was promised must hold, and nothing else. */
export async function happen(
  world: World,
  what: Happening,
  { identifiers, promised, drops }: Course,
): Promise<void> {
  switch (what.does) {
    case 'create': {
      const { startsInSeconds, isDryRun } = what;
      const taskParameters = {
        is_dry_run: isDryRun,
        ...(startsInSeconds > 0 && { schedule_window_start: world.inSeconds(startsInSeconds) }),
      };
      const supplier = SUPPLIERS[what.supplier]!;
      promised.push(...(await create(world, identifiers[what.import]!, { supplier, taskParameters })));
      return;
    }
    case 'cancel':
    case 'retry': {
      const parameters = { supplier: SUPPLIERS[0], identifier: identifiers[what.import]! };
      await world.request(what.does, { method: 'POST', parameters });
      return;
    }
    case 'redrive':
      await world.request(what.does, { method: 'POST', parameters: { supplier: SUPPLIERS[0] } });
      return;
    case 'duplicate':
      return world.duplicate(identifiers[what.import]!, 1);
    case 'drop': {
      const rows = what.imports.map((number) => identifiers[number]!);
      const start = what.startsInSeconds > 0 ? world.inSeconds(what.startsInSeconds) : undefined;
      drops.push(await drop(world, SUPPLIERS[what.supplier]!, rows, start));
      return;
    }
    case 'deliver':
      await world.deliver();
      return;
    case 'sweep':
      await world.invoke('sweeper', {}).catch(() => undefined);
      return;
    case 'wait':
      world.advance(what.seconds);
      return;
    case 'close':
    case 'open': {
      const migration = what.does === 'open' ? 'open' : 'closed';
      return world.registered.putSupplier({ code: SUPPLIERS[what.supplier]!, migration });
    }
    case 'fail':
      world.calls.failNext(what);
  }
}
