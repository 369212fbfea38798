import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { SCHEDULE_WINDOW_DAYS_DEFAULT } from '../../shared/imports/model/transitions.ts';
import { identifierNumber } from '../support/requests.ts';
import type { CallOverride } from './calls.ts';
import { create, isFinished } from './flows.ts';
import { type Simulation, startSimulation } from './simulation.ts';

let simulation: Simulation;
beforeAll(async () => {
  simulation = await startSimulation(inject('assembly'));
});
afterAll(() => simulation.stop());
beforeEach(() => simulation.calls.begin());

let batches = 0;
/** Creates imports whose messages form one batch. Returns their identifiers. */
async function createBatch(size: number): Promise<string[]> {
  batches += 1;
  const identifiers = Array.from({ length: size }, (_, index) =>
    identifierNumber(100_000 + batches * 100 + index),
  );
  for (const identifier of identifiers) await create(simulation, identifier);
  return identifiers;
}
const requests = () => simulation.calls.made.filter((call) => call.endsWith('PutEventsCommand')).length;
/** How many outcome events were published for each import. */
const published = (identifiers: readonly string[]): number[] =>
  identifiers.map(
    (identifier) =>
      simulation
        .events()
        .filter(({ detail }) => (detail as Record<string, unknown>)['external_identifier'] === identifier)
        .length,
  );
const settle = (identifiers: readonly string[]) =>
  simulation.settle(async () =>
    (await Promise.all(identifiers.map((each) => isFinished(simulation, each)))).every(Boolean),
  );

/** Makes EventBridge reject the entry of an import, each time it is put. */
const rejecting =
  (identifier: string): CallOverride =>
  (command, input) => {
    if (command !== 'PutEventsCommand') return;
    input.Entries = input.Entries.map((entry: { Detail: string }) =>
      entry.Detail.includes(identifier) ? { ...entry, Detail: '' } : entry,
    );
  };

describe('the outcome events of a batch of imports', () => {
  it('are published in one request by the worker', async () => {
    const identifiers = await createBatch(10);
    simulation.calls.begin();
    await simulation.deliver();
    expect({ requests: requests(), published: published(identifiers) }).toEqual({
      requests: 1,
      published: Array(10).fill(1),
    });
  });

  it('are published in one request by the dead-letter function', async () => {
    const identifiers = await createBatch(10);
    const records = identifiers.map((external_identifier) => ({
      messageId: external_identifier,
      body: JSON.stringify({ import_supplier: 'TEST_SUPPLIER', external_identifier, attempt: 1 }),
    }));
    // The dead-letter function finishes only imports that can no longer be tried: their windows have closed.
    simulation.advance((SCHEDULE_WINDOW_DAYS_DEFAULT * 24 + 1) * 3600);
    simulation.calls.begin();
    expect(await simulation.invoke('dead-letter', { Records: records })).toEqual({ batchItemFailures: [] });
    expect({ requests: requests(), published: published(identifiers) }).toEqual({
      requests: 1,
      published: Array(10).fill(1),
    });
    await settle(identifiers);
  });

  it('are retried one by one: only the entries that EventBridge rejected', async () => {
    const identifiers = await createBatch(3);
    const reject = rejecting(identifiers[1]!);
    let isRejected = false;
    simulation.calls.begin(undefined, (command, input) => {
      if (command !== 'PutEventsCommand' || isRejected) return;
      isRejected = true;
      return reject(command, input);
    });
    await simulation.deliver();
    expect({ requests: requests(), published: published(identifiers) }).toEqual({
      requests: 2,
      published: [1, 1, 1],
    });
  });

  it('have only those messages redelivered whose events were not published', async () => {
    const identifiers = await createBatch(5);
    const events = identifiers.map((external_identifier) => ({
      messageId: external_identifier,
      body: JSON.stringify({ import_supplier: 'TEST_SUPPLIER', external_identifier, attempt: 1 }),
    }));
    simulation.calls.begin(undefined, rejecting(identifiers[3]!));
    expect(await simulation.invoke('worker', { Records: events })).toEqual({
      batchItemFailures: [{ itemIdentifier: identifiers[3] }],
    });
    expect(published(identifiers)).toEqual([1, 1, 1, 0, 1]);
    simulation.calls.begin();
    await settle(identifiers);
    expect(published(identifiers)[3]).toBeGreaterThanOrEqual(1);
  });

  it('have all messages redelivered if the request fails', async () => {
    const identifiers = await createBatch(3);
    simulation.calls.begin(undefined, (command) => {
      if (command === 'PutEventsCommand') return 'fail';
    });
    await simulation.deliver();
    expect(published(identifiers)).toEqual([0, 0, 0]);
    simulation.calls.begin();
    await settle(identifiers);
    expect(published(identifiers).every((count) => count >= 1)).toBe(true);
  });
});
