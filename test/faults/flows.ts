import type { ImportStatus } from '../../shared/imports/model/import-process.ts';
import { STARTED_MS_MIN, STARTS_MAX } from '../../shared/imports/model/starts.ts';
import { isFinal } from '../../shared/imports/model/transitions.ts';
import { REGISTRY_CACHED_SECONDS } from '../../shared/suppliers/registry.ts';
import { guideRequest } from '../support/requests.ts';
import type { CallOverride } from './calls.ts';
import { importViolations } from './invariants.ts';
import { type SimulatedResponse, type Simulation, SUPPLIERS } from './simulation.ts';

/** An import that was accepted with 201, and the status that a later response reported, if any. */
export type AcceptedImport = {
  importSupplier: string;
  externalIdentifier: string;
  reportedStatus?: ImportStatus;
};

/**
 * A sequence of actions from a client's request to the outcome. `act` performs the clients' and operators' actions and returns the
 * accepted imports; the simulation's `settle` does the rest; `violations` checks the invariants.
 */
export type Flow = {
  name: string;
  act(simulation: Simulation, identifier: string): Promise<AcceptedImport[]>;
  isDone(simulation: Simulation, identifier: string): Promise<boolean>;
  violations(
    simulation: Simulation,
    identifier: string,
    accepted: readonly AcceptedImport[],
  ): Promise<string[]>;
  /** Applies to every call of the flow. */
  override?: CallOverride;
  /** The index of the first call that gets a fault. Other flows cover the calls before it. */
  firstFaultIndex?(calls: readonly string[]): number;
};

const HOUR_SECONDS = 3600;

/** Sends a create request. Returns the import if the response was 201. */
export async function create(
  simulation: Simulation,
  identifier: string,
  change: { supplier?: string; taskParameters?: Record<string, unknown> } = {},
): Promise<AcceptedImport[]> {
  const { supplier = 'TEST_SUPPLIER', taskParameters } = change;
  const body = guideRequest({ identifier, supplier, ...(taskParameters && { taskParameters }) });
  const answer = await simulation.request('create', { method: 'POST', body });
  return answer?.status === 201 ? [{ importSupplier: supplier, externalIdentifier: identifier }] : [];
}

/** Whether every import of the identifier has a final status or does not exist. */
export async function isFinished({ imports }: Simulation, externalIdentifier: string): Promise<boolean> {
  const records = await Promise.all(
    SUPPLIERS.map((importSupplier) => imports.get({ importSupplier, externalIdentifier })),
  );
  return records.every((record) => record === undefined || isFinal(record.status));
}

/** Sends an operator's request once, without a retry. */
const operate = (simulation: Simulation, name: string, identifier: string): Promise<SimulatedResponse> =>
  simulation.request(name, { method: 'POST', parameters: { supplier: 'TEST_SUPPLIER', identifier } });

/** Creates an import that ends ERRORED, because another supplier has created the supply point. */
async function errored(simulation: Simulation, identifier: string): Promise<AcceptedImport[]> {
  const other = await create(simulation, identifier, { supplier: 'OTHER_SUPPLIER' });
  await simulation.settle(() => isFinished(simulation, identifier));
  const accepted = [...other, ...(await create(simulation, identifier))];
  await simulation.settle(() => isFinished(simulation, identifier));
  return accepted;
}

/** Opens or closes the migration, and moves the clock past the time for which workers cache it. */
async function setMigration(simulation: Simulation, migration: 'open' | 'closed'): Promise<void> {
  await simulation.registered.putSupplier({ code: 'TEST_SUPPLIER', migration });
  simulation.advance(REGISTRY_CACHED_SECONDS);
}

const IMPORT_FLOW_STEPS: readonly Pick<Flow, 'name' | 'act' | 'override'>[] = [
  { name: 'create', act: create },
  {
    name: 'create, the same again',
    act: async (simulation, identifier) => [
      ...(await create(simulation, identifier)),
      ...(await create(simulation, identifier)),
    ],
  },
  {
    name: 'create, another payload',
    act: async (simulation, identifier) => [
      ...(await create(simulation, identifier)),
      ...(await create(simulation, identifier, { taskParameters: { is_dry_run: true } })),
    ],
  },
  {
    name: 'dry run',
    act: (simulation, identifier) => create(simulation, identifier, { taskParameters: { is_dry_run: true } }),
  },
  {
    name: 'dry run, then create',
    async act(simulation, identifier) {
      const dry = await create(simulation, identifier, { taskParameters: { is_dry_run: true } });
      await simulation.settle(() => isFinished(simulation, identifier));
      return [...dry, ...(await create(simulation, identifier))];
    },
  },
  {
    name: 'window',
    act: (simulation, identifier) =>
      create(simulation, identifier, {
        taskParameters: { schedule_window_start: simulation.inSeconds(HOUR_SECONDS) },
      }),
  },
  {
    name: 'window missed',
    async act(simulation, identifier) {
      const window = {
        schedule_window_start: simulation.inSeconds(HOUR_SECONDS),
        schedule_window_end: simulation.inSeconds(HOUR_SECONDS + 60),
      };
      const accepted = await create(simulation, identifier, { taskParameters: window });
      simulation.advance(2 * HOUR_SECONDS);
      return accepted;
    },
  },
  { name: 'failing', act: errored },
  {
    name: 'resubmission after an error',
    async act(simulation, identifier) {
      const accepted = await errored(simulation, identifier);
      return [...accepted, ...(await create(simulation, identifier))];
    },
  },
  {
    name: 'cancel',
    async act(simulation, identifier) {
      const window = { schedule_window_start: simulation.inSeconds(HOUR_SECONDS) };
      const accepted = await create(simulation, identifier, { taskParameters: window });
      const answer = await operate(simulation, 'cancel', identifier);
      const reportedStatus = answer?.status === 200 ? { reportedStatus: 'CANCELLED' as const } : {};
      return accepted.map((each) => ({ ...each, ...reportedStatus }));
    },
  },
  {
    name: 'cancel in a race with the worker',
    async act(simulation, identifier) {
      const accepted = await create(simulation, identifier);
      await Promise.all([operate(simulation, 'cancel', identifier), simulation.deliver()]);
      return accepted;
    },
  },
  {
    name: 'migration closed under way',
    async act(simulation, identifier) {
      const accepted = await create(simulation, identifier);
      await simulation.deliver();
      await setMigration(simulation, 'closed');
      await simulation
        .settle(() => isFinished(simulation, identifier))
        .finally(() => setMigration(simulation, 'open'));
      return accepted;
    },
  },
  {
    name: 'retry',
    async act(simulation, identifier) {
      const accepted = await errored(simulation, identifier);
      await operate(simulation, 'retry', identifier);
      return accepted;
    },
  },
  {
    name: 'dead letter',
    async act(simulation, identifier) {
      const accepted = await create(simulation, identifier);
      await simulation.deadLetter(identifier, 1);
      return accepted;
    },
  },
  {
    name: 'failing each time',
    async act(simulation, identifier) {
      const accepted = await create(simulation, identifier);
      // Spread over the shortest time after which the import may be finished as ERRORED.
      for (let start = 0; start < STARTS_MAX; start += 1) {
        await simulation.deliver();
        simulation.advance(STARTED_MS_MIN / 1000 / (STARTS_MAX - 1));
      }
      return accepted;
    },
    override: (command, input) => {
      if (command === 'PutCommand' && 'kraken_identifier' in input.Item) return 'fail';
    },
  },
];

/** Every flow of a single import. */
export const IMPORT_FLOWS: readonly Flow[] = IMPORT_FLOW_STEPS.map((flow) => ({
  ...flow,
  isDone: isFinished,
  violations: importViolations,
}));
