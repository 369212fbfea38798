import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { environmentNamed } from '../../infra/environments.ts';
import { CHAIN_INVOCATIONS_MAX } from '../../infra/local/recursion.ts';
import { HOPS_MAX } from '../../shared/drops/task-chain.ts';
import { appOf } from '../support/synthesize.ts';
import { dropFlow } from './drop-flows.ts';
import { runFlow } from './run-flow.ts';
import { type Simulation, startSimulation } from './simulation.ts';

/** The file is a single range: all polls of its imports belong to one chain of messages. */
const DEV = environmentNamed('dev');
const ENVIRONMENT = { ...DEV, drops: { ...DEV.drops, rangeMiB: 1 } };

const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-deferral-'));
let simulation: Simulation;
beforeAll(async () => {
  appOf(ENVIRONMENT, { outdir: folder }).synth();
  simulation = await startSimulation(folder);
});
afterAll(async () => {
  await simulation.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** How often the reader polled a drop's imports, and how often the sweeper resumed a deferred task. */
const polls = (calls: readonly string[]) =>
  calls.filter((call) => call === 'drop-reader BatchGetCommand').length;
const resumptions = (calls: readonly string[]) =>
  calls.filter((call) => call === 'sweeper DeleteCommand').length;

it.each(['ndjson', 'ndjson.gz'])(
  'finishes a drop of .%s that is polled for two hours, which is longer than the chain of invocations that Lambda allows',
  async (ending) => {
    const { violations, calls } = await runFlow(simulation, dropFlow(ending, 2 * 3600));
    expect(violations).toEqual([]);
    expect(polls(calls)).toBeGreaterThan(CHAIN_INVOCATIONS_MAX);
    expect(resumptions(calls)).toBeGreaterThanOrEqual(Math.floor(polls(calls) / (HOPS_MAX + 1)));
  },
);
