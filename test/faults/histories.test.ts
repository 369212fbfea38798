import { setImmediate as macrotask } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { shardOf } from '../../shared/imports/shards.ts';
import { identifierNumber } from '../support/requests.ts';
import type { Turn } from './calls.ts';
import { droppedViolations, isDropEnded } from './dropped.ts';
import { isEnded } from './flows.ts';
import { aHistory, type Course, type Happening, happen, IMPORTS } from './happenings.ts';
import { importViolations } from './invariants.ts';
import { SUPPLIERS, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld(inject('assembly'));
});
afterAll(() => world.stop());

/** What functions remember of suppliers is forgotten by then. */
const REMEMBERED_SECONDS = 3600;
/** Enough for a window that opens in an hour, by small steps: where a drop is followed, a message always waits. */
const ROUNDS_MAX = 150;

/** Whatever the history before did or failed to do, each begins alike: otherwise a failing one could not be run again. */
async function beginAnew(): Promise<void> {
  world.calls.turn = undefined;
  world.calls.begin();
  for (const code of SUPPLIERS) await world.registered.putSupplier({ code, migration: 'open' });
  world.advance(REMEMBERED_SECONDS);
}

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

let identifiersTaken = 0;

/** One that no history had, in a shard of its own: the sweeper finds them in the same order each time. */
function newIdentifier(shard: number): string {
  for (;;) {
    identifiersTaken += 1;
    const identifier = identifierNumber(identifiersTaken);
    if (shardOf(identifier) === shard) return identifier;
  }
}

let histories = 0;

async function holds(scheduler: fc.Scheduler, happenings: Happening[][]): Promise<void> {
  histories += 1;
  const identifiers = Array.from({ length: IMPORTS }, (_, shard) => newIdentifier(shard));
  const course: Course = { identifiers, promised: [], drops: [] };
  await beginAnew();
  world.calls.turn = turnsBy(scheduler);
  for (const atOnce of happenings) {
    await scheduler.waitFor(Promise.all(atOnce.map((what) => happen(world, what, course))));
  }
  world.calls.turn = undefined;
  world.calls.begin();
  await world.settle(() => isOver(course), ROUNDS_MAX);
  expect(await violations(course)).toEqual([]);
}

async function isOver({ identifiers, drops }: Course): Promise<boolean> {
  const ended = [
    ...identifiers.map((identifier) => isEnded(world, identifier)),
    ...drops.map((dropped) => isDropEnded(world, dropped)),
  ];
  return (await Promise.all(ended)).every(Boolean);
}

async function violations({ identifiers, promised, drops }: Course): Promise<string[]> {
  const found = [
    ...identifiers.map((identifier) =>
      importViolations(
        world,
        identifier,
        promised.filter(({ externalIdentifier }) => externalIdentifier === identifier),
      ),
    ),
    ...drops.map((dropped) => droppedViolations(world, dropped)),
  ];
  return (await Promise.all(found)).flat();
}

/** A failing history is shrunk, and run again by its seed and path: `FAULT_SEED=… FAULT_PATH=… npm run faults`. */
const { FAULT_SEED, FAULT_PATH, FAULT_RUNS, FAULTS: WHICH } = process.env;

it('whatever happens in whatever order, nothing is lost, hangs, or happens twice', async () => {
  const numRuns = Number(FAULT_RUNS ?? (WHICH === 'all' ? 1000 : 24));
  await fc.assert(fc.asyncProperty(fc.scheduler(), aHistory, holds), {
    numRuns,
    ...(FAULT_SEED && { seed: Number(FAULT_SEED) }),
    ...(FAULT_PATH && { path: FAULT_PATH }),
  });
  console.log(`${histories} histories, 0 violations`);
}, 1_800_000);
