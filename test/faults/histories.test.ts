import { setImmediate as macrotask } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { shardOf } from '../../shared/imports/shards.ts';
import { identifierNumber } from '../support/requests.ts';
import { FAULTS, type FaultKind, type Turn } from './calls.ts';
import { create, isEnded, type Promised } from './flows.ts';
import { importViolations } from './invariants.ts';
import { SUPPLIERS, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld(inject('assembly'));
});
afterAll(() => world.stop());

/** Something that somebody does, or that happens, at a point of a history. */
type Happening =
  | { does: 'create'; import: number; supplier: number; isDryRun: boolean; startsInSeconds: number }
  | { does: 'cancel' | 'retry' | 'duplicate'; import: number }
  | { does: 'deliver' | 'sweep' }
  | { does: 'wait'; seconds: number }
  | { does: 'close' | 'open'; supplier: number }
  /** The n-th AWS call that a function makes from here on fails. */
  | { does: 'fail'; of: string; call: number; kind: FaultKind };

const IMPORTS = 2;
const anImport = fc.nat(IMPORTS - 1);
/** The first more often: it is the one whose operators act. */
const aSupplier = fc.constantFrom(0, 0, 1);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('create' as const),
      import: anImport,
      supplier: aSupplier,
      isDryRun: fc.constantFrom(false, false, true),
      startsInSeconds: fc.constantFrom(0, 0, 0, 600, 3600),
    }),
  },
  { weight: 5, arbitrary: fc.constant({ does: 'deliver' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('fail' as const),
      of: fc.constantFrom(
        'worker',
        'worker',
        'worker',
        'create',
        'sweeper',
        'cancel',
        'retry',
        'dead-letter',
      ),
      call: fc.integer({ min: 1, max: 6 }),
      kind: fc.constantFrom(...FAULTS),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constantFrom('cancel' as const, 'retry' as const, 'duplicate' as const),
      import: anImport,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('wait' as const),
      seconds: fc.constantFrom(5, 25, 61, 130, 950, 4000),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ does: 'sweep' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constantFrom('close' as const, 'open' as const),
      supplier: aSupplier,
    }),
  },
);

/** What happens at a time: up to three things at once, whose AWS calls are interleaved at random. */
const history = fc.array(fc.array(happening, { minLength: 1, maxLength: 3 }), {
  minLength: 3,
  maxLength: 12,
});

async function happen(what: Happening, identifiers: readonly string[], promised: Promised[]): Promise<void> {
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
    case 'duplicate':
      return world.duplicate(identifiers[what.import]!, 1);
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
    case 'open':
      return world.registered.putSupplier({
        code: SUPPLIERS[what.supplier]!,
        migration: what.does === 'open' ? 'open' : 'closed',
      });
    case 'fail':
      world.calls.failNext(what);
  }
}

/** Whatever the history before did or failed to do, each begins alike: otherwise a failing one could not be run again. */
async function beginAnew(): Promise<void> {
  world.calls.begin();
  for (const code of SUPPLIERS) await world.registered.putSupplier({ code, migration: 'open' });
  world.advance(REMEMBERED_SECONDS);
}

/** What functions remember of suppliers and tables is forgotten by then. */
const REMEMBERED_SECONDS = 3600;

/**
 * One call at a time, in an order that the scheduler picks: it picks the next when all have gone on from this one as far as
 * they get, so that the order depends on nothing else.
 */
const turnsBy =
  (scheduler: fc.Scheduler): Turn =>
  (label, call) =>
    new Promise((resolve) => {
      const builder = async () => {
        const outcome = call();
        resolve(outcome);
        await outcome;
        await macrotask();
      };
      scheduler.scheduleSequence([{ label, builder }]);
    });

let runs = 0;
let identifiersTaken = 0;

/** One that no history had, in a shard of its own: the sweeper finds them in the same order each time. */
function newIdentifier(shard: number): string {
  for (;;) {
    identifiersTaken += 1;
    const identifier = identifierNumber(identifiersTaken);
    if (shardOf(identifier) === shard) return identifier;
  }
}

async function holds(scheduler: fc.Scheduler, happenings: Happening[][]): Promise<void> {
  const identifiers = Array.from({ length: IMPORTS }, (_, shard) => newIdentifier(shard));
  runs += 1;
  const promised: Promised[] = [];
  await beginAnew();
  for (const atOnce of happenings) {
    world.calls.turn = turnsBy(scheduler);
    await scheduler.waitFor(Promise.all(atOnce.map((what) => happen(what, identifiers, promised))));
  }
  world.calls.turn = undefined;
  world.calls.begin();
  const isDone = async () =>
    (await Promise.all(identifiers.map((each) => isEnded(world, each)))).every(Boolean);
  await world.settle(isDone);
  for (const identifier of identifiers) {
    const ofIt = promised.filter(({ externalIdentifier }) => externalIdentifier === identifier);
    expect(await importViolations(world, identifier, ofIt)).toEqual([]);
  }
}

/** A failing history is shrunk, and run again by its seed and path: `FAULT_SEED=… FAULT_PATH=… npm run faults`. */
const { FAULT_SEED, FAULT_PATH, FAULT_RUNS, FAULTS: WHICH } = process.env;

it('whatever happens in whatever order, nothing is lost, hangs, or happens twice', async () => {
  const numRuns = Number(FAULT_RUNS ?? (WHICH === 'all' ? 1000 : 60));
  await fc.assert(fc.asyncProperty(fc.scheduler(), history, holds), {
    numRuns,
    ...(FAULT_SEED && { seed: Number(FAULT_SEED) }),
    ...(FAULT_PATH && { path: FAULT_PATH }),
  });
  console.log(`${runs} histories`);
}, 1_200_000);
