import { DUE_TASKS_INDEX } from '../../shared/drops/deferred-tasks.ts';
import { identifierNumber } from '../support/requests.ts';
import { FAULTS, type Fault, type FaultKind } from './calls.ts';
import type { Flow } from './flows.ts';
import type { Simulation } from './simulation.ts';

/** The number of cases run by kind of fault, and all violations. */
export type FaultResults = { cases: Record<FaultKind, number>; violations: string[] };

const noCases = () => Object.fromEntries(FAULTS.map((kind) => [kind, 0])) as FaultResults['cases'];

let identifiers = 0;

/** Runs a flow, with a fault if there is one. Returns the violations and the AWS calls. */
export async function runFlow(
  simulation: Simulation,
  flow: Flow,
  fault?: Fault,
  roundsMax?: number,
): Promise<{ violations: string[]; calls: string[] }> {
  identifiers += 1;
  const identifier = identifierNumber(identifiers);
  simulation.calls.begin(fault, flow.override);
  const accepted = await flow.act(simulation, identifier);
  const notSettled = await simulation
    .settle(() => flow.isDone(simulation, identifier), roundsMax)
    .then(
      () => [],
      (error: Error) => [error.message],
    );
  const found = await flow.violations(simulation, identifier, accepted);
  return { violations: [...notSettled, ...found], calls: simulation.calls.made };
}

/**
 * Runs a flow once for each AWS call and each kind of fault, or only for `casesMax` of these. Of the sweeper's queries, one for each of
 * many partitions, only the first of each sweep gets a fault.
 */
export async function runWithAllFaults(
  simulation: Simulation,
  flow: Flow,
  casesMax: number,
): Promise<FaultResults> {
  const { calls, violations } = await runFlow(simulation, flow);
  const results: FaultResults = { cases: noCases(), violations };
  const isQuery = (index: number) =>
    calls[index]?.startsWith('sweeper QueryCommand') && !calls[index].endsWith(DUE_TASKS_INDEX);
  const first = flow.firstFaultIndex?.(calls) ?? 0;
  const chosen = calls.flatMap((_, index) =>
    index < first || (isQuery(index) && isQuery(index - 1)) ? [] : [index + 1],
  );
  const faults = chosen.flatMap((call) => FAULTS.map((kind) => ({ call, kind })));
  const nth = Math.ceil(faults.length / casesMax);
  // With a multiple of the number of kinds, every case would have the same kind.
  const everyNth = nth % FAULTS.length === 0 ? nth + 1 : nth;
  for (const fault of faults.filter((_, index) => index % everyNth === identifiers % everyNth)) {
    const { violations: found } = await runFlow(simulation, flow, fault);
    results.cases[fault.kind] += 1;
    const where = `${flow.name}, call ${fault.call} (${calls[fault.call - 1]}) ${fault.kind}`;
    results.violations.push(...found.map((violation) => `${where}: ${violation}`));
  }
  return results;
}
