import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { DROP_FLOWS } from '../faults/drop-flows.ts';
import { IMPORT_FLOWS } from '../faults/flows.ts';
import { runFlow } from '../faults/run-flow.ts';
import { type Simulation, startSimulation } from '../faults/simulation.ts';

let simulation: Simulation;
beforeAll(async () => {
  simulation = await startSimulation(inject('assembly'));
});
afterAll(() => simulation.stop());

/** Above the rounds that any flow needs, and low, because a mutant may prevent the flow from finishing. */
const ROUNDS_MAX = 20;

describe('without a fault', () => {
  it.each([...IMPORT_FLOWS, ...DROP_FLOWS].map((flow) => [flow.name, flow] as const))(
    '%s keeps all invariants',
    async (_, flow) => {
      expect((await runFlow(simulation, flow, undefined, ROUNDS_MAX)).violations).toEqual([]);
    },
  );
});
