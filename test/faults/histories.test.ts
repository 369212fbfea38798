import { setImmediate as macrotask } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { shardOf } from '../../shared/imports/model/shards.ts';
import { identifierNumber } from '../support/requests.ts';
import { type Action, aHistory, type HistoryState, IMPORTS, perform } from './actions.ts';
import type { CallScheduler } from './calls.ts';
import { countViolations } from './counts.ts';
import { droppedFileViolations, isDropFinished } from './dropped-file.ts';
import { isFinished } from './flows.ts';
import { importViolations } from './invariants.ts';
import { type Simulation, SUPPLIERS, startSimulation } from './simulation.ts';

let simulation: Simulation;
beforeAll(async () => {
  simulation = await startSimulation(inject('assembly'));
});
afterAll(() => simulation.stop());

/** Longer than any function caches suppliers. */
const CACHE_EXPIRY_SECONDS = 3600;
/** Enough for a window that opens in an hour. While a drop is polled the clock moves in small steps. */
const ROUNDS_MAX = 150;

/** Gives each history the same start: otherwise a failing one could not be reproduced. */
async function resetBetweenHistories(): Promise<void> {
  simulation.calls.schedule = undefined;
  simulation.calls.begin();
  for (const code of SUPPLIERS) await simulation.registered.putSupplier({ code, migration: 'open' });
  simulation.advance(CACHE_EXPIRY_SECONDS);
}

/**
 * Makes one call at a time, in the scheduler's order. Before it picks the next call, every invocation has run on to its own next
 * call: the order depends only on the seed.
 */
const callsScheduledBy =
  (scheduler: fc.Scheduler): CallScheduler =>
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

/** An unused identifier in the given shard: in separate shards the sweeper finds them in the same order each time. */
function newIdentifier(shard: number): string {
  for (;;) {
    identifiersTaken += 1;
    const identifier = identifierNumber(identifiersTaken);
    if (shardOf(identifier) === shard) return identifier;
  }
}

let histories = 0;

async function keepsInvariants(scheduler: fc.Scheduler, steps: Action[][]): Promise<void> {
  histories += 1;
  const identifiers = Array.from({ length: IMPORTS }, (_, shard) => newIdentifier(shard));
  const state: HistoryState = { identifiers, accepted: [], drops: [] };
  await resetBetweenHistories();
  simulation.calls.schedule = callsScheduledBy(scheduler);
  for (const actions of steps) {
    await scheduler.waitFor(Promise.all(actions.map((action) => perform(simulation, action, state))));
  }
  simulation.calls.schedule = undefined;
  simulation.calls.begin();
  await simulation.settle(() => areAllFinished(state), ROUNDS_MAX);
  expect(await violations(state)).toEqual([]);
}

async function areAllFinished({ identifiers, drops }: HistoryState): Promise<boolean> {
  const finished = [
    ...identifiers.map((identifier) => isFinished(simulation, identifier)),
    ...drops.map((file) => isDropFinished(simulation, file)),
  ];
  return (await Promise.all(finished)).every(Boolean);
}

async function violations({ identifiers, accepted, drops }: HistoryState): Promise<string[]> {
  const found = [
    ...identifiers.map((identifier) =>
      importViolations(
        simulation,
        identifier,
        accepted.filter(({ externalIdentifier }) => externalIdentifier === identifier),
      ),
    ),
    ...drops.map((file) => droppedFileViolations(simulation, file)),
  ];
  const counts = await countViolations(simulation);
  return [...(await Promise.all(found)).flat(), ...counts];
}

/** fast-check shrinks a failing history and prints its seed and path: `FAULT_SEED=… FAULT_PATH=… npm run faults` runs it again. */
const { FAULT_SEED, FAULT_PATH, FAULT_RUNS, FAULTS: WHICH } = process.env;

it('random histories with faults keep all invariants', async () => {
  const numRuns = Number(FAULT_RUNS ?? (WHICH === 'all' ? 1000 : 12));
  await fc.assert(fc.asyncProperty(fc.scheduler(), aHistory, keepsInvariants), {
    numRuns,
    ...(FAULT_SEED && { seed: Number(FAULT_SEED) }),
    ...(FAULT_PATH && { path: FAULT_PATH }),
  });
  console.log(`${histories} histories, 0 violations`);
}, 1_800_000);
