import { DUE_TASKS_INDEX } from '../../shared/drops/deferred-tasks.ts';
import { identifierNumber } from '../support/requests.ts';
import { FAULTS, type Fault, type FaultKind } from './calls.ts';
import type { Flow } from './flows.ts';
import type { World } from './world.ts';

/** Cases run of a flow by fault, and what was wrong in the end. */
export type Tried = { cases: Record<FaultKind, number>; wrong: string[] };

const noCases = () => Object.fromEntries(FAULTS.map((kind) => [kind, 0])) as Tried['cases'];

let identifiers = 0;

/** Runs a flow with a fault, or none; answers what was wrong in the end, and the AWS calls that were made. */
export async function runFlow(
  world: World,
  flow: Flow,
  fault?: Fault,
): Promise<{ wrong: string[]; calls: string[] }> {
  identifiers += 1;
  const identifier = identifierNumber(identifiers);
  world.calls.begin(fault, flow.always);
  const promised = await flow.act(world, identifier);
  const hangs = await world
    .settle(() => flow.isDone(world, identifier))
    .then(
      () => [],
      (error: Error) => [error.message],
    );
  const wrong = await flow.violations(world, identifier, promised);
  return { wrong: [...hangs, ...wrong], calls: world.calls.made };
}

/**
 * Runs a flow once for each AWS call that it makes and each way in which that can fail; or, to be quick, once for every
 * `everyNth` of them. Of the sweeper's queries, which look in many partitions and find nothing in most, the first of each
 * sweep is taken.
 */
export async function tryAllFaults(world: World, flow: Flow, everyNth: number): Promise<Tried> {
  const { calls, wrong } = await runFlow(world, flow);
  const tried: Tried = { cases: noCases(), wrong };
  const isQuery = (index: number) =>
    calls[index]?.startsWith('sweeper QueryCommand') && !calls[index].endsWith(DUE_TASKS_INDEX);
  const first = flow.triedFrom?.(calls) ?? 0;
  const chosen = calls.flatMap((_, index) =>
    index < first || (isQuery(index) && isQuery(index - 1)) ? [] : [index + 1],
  );
  const faults = chosen.flatMap((call) => FAULTS.map((kind) => ({ call, kind })));
  for (const fault of faults.filter((_, index) => index % everyNth === identifiers % everyNth)) {
    const { wrong } = await runFlow(world, flow, fault);
    tried.cases[fault.kind] += 1;
    const where = `${flow.name}, call ${fault.call} (${calls[fault.call - 1]}) ${fault.kind}`;
    tried.wrong.push(...wrong.map((what) => `${where}: ${what}`));
  }
  return tried;
}
