import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { environmentNamed } from '../../infra/environments.ts';
import { CHAIN_INVOCATIONS_MAX } from '../../infra/local/recursion.ts';
import { buildApp } from '../../infra/synthesize.ts';
import { HOPS_MAX } from '../../shared/drops/task-chain.ts';
import { dropFlow } from './drop-flows.ts';
import { runFlow } from './run-flow.ts';
import { startWorld, type World } from './world.ts';

/** One range, so that the looks at its imports are the looks of one chain. */
const DEV = environmentNamed('dev');
const ENVIRONMENT = { ...DEV, drops: { ...DEV.drops, rangeMiB: 1 } };

const folder = mkdtempSync(join(tmpdir(), 'supply-point-import-deferral-'));
let world: World;
beforeAll(async () => {
  buildApp({ environment: ENVIRONMENT, outdir: folder }).synth();
  world = await startWorld(folder);
});
afterAll(async () => {
  await world.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Times that the reader looked at a drop's imports, and tasks that it deferred. */
const looks = (calls: readonly string[]) =>
  calls.filter((call) => call === 'drop-reader BatchGetCommand').length;
const removals = (calls: readonly string[]) =>
  calls.filter((call) => call === 'sweeper DeleteCommand').length;

it.each(['ndjson', 'ndjson.gz'])(
  'a drop of .%s whose last import ends after two hours ends, though it is looked at more often than Lambda lets a chain go on',
  async (ending) => {
    const { wrong, calls } = await runFlow(world, dropFlow(ending, 2 * 3600));
    expect(wrong).toEqual([]);
    expect(looks(calls)).toBeGreaterThan(CHAIN_INVOCATIONS_MAX);
    expect(removals(calls)).toBeGreaterThanOrEqual(Math.floor(looks(calls) / (HOPS_MAX + 1)));
  },
);
