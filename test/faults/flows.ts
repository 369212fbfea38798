import type { ImportStatus } from '../../shared/imports/import-process.ts';
import { STARTED_MS_MIN, STARTS_MAX } from '../../shared/imports/starts.ts';
import { isFinal } from '../../shared/imports/transitions.ts';
import { REGISTRY_CACHED_SECONDS } from '../../shared/suppliers/registry.ts';
import { guideRequest } from '../support/requests.ts';
import type { Always } from './calls.ts';
import { importViolations } from './invariants.ts';
import { type Answer, SUPPLIERS, type World } from './world.ts';

/** What was promised to a client: an import by a 201, and what an operator was told of it. */
export type Promised = { importSupplier: string; externalIdentifier: string; told?: ImportStatus };

/**
 * A course of things from a client's request to the end. `act` does what people do, in its own order, and answers what was
 * promised to them; `settle` of the world does the rest. `violations` says what has not come out as it must.
 */
export type Flow = {
  name: string;
  act(world: World, identifier: string): Promise<Promised[]>;
  isDone(world: World, identifier: string): Promise<boolean>;
  violations(world: World, identifier: string, promised: readonly Promised[]): Promise<string[]>;
  /** What becomes of certain calls however often they are made. */
  always?: Always;
  /** Index of the first call that is made to fail; those before it are tried by other flows. */
  triedFrom?(calls: readonly string[]): number;
};

const HOUR_SECONDS = 3600;

/** Sends a create request; promised is only what was answered 201. */
export async function create(
  world: World,
  identifier: string,
  change: { supplier?: string; taskParameters?: Record<string, unknown> } = {},
): Promise<Promised[]> {
  const { supplier = 'TEST_SUPPLIER', taskParameters } = change;
  const body = guideRequest({ identifier, supplier, ...(taskParameters && { taskParameters }) });
  const answer = await world.request('create', { method: 'POST', body });
  return answer?.status === 201 ? [{ importSupplier: supplier, externalIdentifier: identifier }] : [];
}

/** Whether every import of the identifier has ended, or was never there. */
export async function isEnded({ imports }: World, externalIdentifier: string): Promise<boolean> {
  const records = await Promise.all(
    SUPPLIERS.map((importSupplier) => imports.get({ importSupplier, externalIdentifier })),
  );
  return records.every((record) => record === undefined || isFinal(record.status));
}

/** What an operator does, and never again, whatever is answered. */
const act = (world: World, name: string, identifier: string): Promise<Answer> =>
  world.request(name, { method: 'POST', parameters: { supplier: 'TEST_SUPPLIER', identifier } });

/** An ERRORED import: another supplier's has created the supply point already. */
async function errored(world: World, identifier: string): Promise<Promised[]> {
  const other = await create(world, identifier, { supplier: 'OTHER_SUPPLIER' });
  await world.settle(() => isEnded(world, identifier));
  const promised = [...other, ...(await create(world, identifier))];
  await world.settle(() => isEnded(world, identifier));
  return promised;
}

/** Opens or closes the migration, and waits until workers no longer go by what they remember of it. */
async function setMigration(world: World, migration: 'open' | 'closed'): Promise<void> {
  await world.registered.putSupplier({ code: 'TEST_SUPPLIER', migration });
  world.advance(REGISTRY_CACHED_SECONDS);
}

const COURSES: readonly Pick<Flow, 'name' | 'act' | 'always'>[] = [
  { name: 'create', act: create },
  {
    name: 'create, the same again',
    act: async (world, identifier) => [
      ...(await create(world, identifier)),
      ...(await create(world, identifier)),
    ],
  },
  {
    name: 'create, another payload',
    act: async (world, identifier) => [
      ...(await create(world, identifier)),
      ...(await create(world, identifier, { taskParameters: { is_dry_run: true } })),
    ],
  },
  {
    name: 'dry run',
    act: (world, identifier) => create(world, identifier, { taskParameters: { is_dry_run: true } }),
  },
  {
    name: 'dry run, then create',
    async act(world, identifier) {
      const dry = await create(world, identifier, { taskParameters: { is_dry_run: true } });
      await world.settle(() => isEnded(world, identifier));
      return [...dry, ...(await create(world, identifier))];
    },
  },
  {
    name: 'window',
    act: (world, identifier) =>
      create(world, identifier, { taskParameters: { schedule_window_start: world.inSeconds(HOUR_SECONDS) } }),
  },
  {
    name: 'window missed',
    async act(world, identifier) {
      const window = {
        schedule_window_start: world.inSeconds(HOUR_SECONDS),
        schedule_window_end: world.inSeconds(HOUR_SECONDS + 60),
      };
      const promised = await create(world, identifier, { taskParameters: window });
      world.advance(2 * HOUR_SECONDS);
      return promised;
    },
  },
  { name: 'failing', act: errored },
  {
    name: 'resubmission after an error',
    async act(world, identifier) {
      const promised = await errored(world, identifier);
      return [...promised, ...(await create(world, identifier))];
    },
  },
  {
    name: 'cancel',
    async act(world, identifier) {
      const window = { schedule_window_start: world.inSeconds(HOUR_SECONDS) };
      const promised = await create(world, identifier, { taskParameters: window });
      const answer = await act(world, 'cancel', identifier);
      const told = answer?.status === 200 ? { told: 'CANCELLED' as const } : {};
      return promised.map((promise) => ({ ...promise, ...told }));
    },
  },
  {
    name: 'cancel in a race with the worker',
    async act(world, identifier) {
      const promised = await create(world, identifier);
      await Promise.all([act(world, 'cancel', identifier), world.deliver()]);
      return promised;
    },
  },
  {
    name: 'migration closed under way',
    async act(world, identifier) {
      const promised = await create(world, identifier);
      await world.deliver();
      await setMigration(world, 'closed');
      await world.settle(() => isEnded(world, identifier)).finally(() => setMigration(world, 'open'));
      return promised;
    },
  },
  {
    name: 'retry',
    async act(world, identifier) {
      const promised = await errored(world, identifier);
      await act(world, 'retry', identifier);
      return promised;
    },
  },
  {
    name: 'dead letter',
    async act(world, identifier) {
      const promised = await create(world, identifier);
      await world.deadLetter(identifier, 1);
      return promised;
    },
  },
  {
    name: 'failing each time',
    async act(world, identifier) {
      const promised = await create(world, identifier);
      // Far apart, so that the last resort comes as soon as they are counted.
      for (let start = 0; start < STARTS_MAX; start += 1) {
        await world.deliver();
        world.advance(STARTED_MS_MIN / 1000 / (STARTS_MAX - 1));
      }
      return promised;
    },
    always: (command, input) => {
      if (command === 'PutCommand' && 'kraken_identifier' in input.Item) return 'fails';
    },
  },
];

/** Every flow of a single import. */
export const IMPORT_FLOWS: readonly Flow[] = COURSES.map((course) => ({
  ...course,
  isDone: isEnded,
  violations: importViolations,
}));
