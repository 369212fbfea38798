import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { SCHEDULE_WINDOW_DAYS_DEFAULT } from '../../shared/imports/transitions.ts';
import { identifierNumber } from '../support/requests.ts';
import type { Always } from './calls.ts';
import { create, isEnded } from './flows.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld(inject('assembly'));
});
afterAll(() => world.stop());
beforeEach(() => world.calls.begin());

let batches = 0;
/** Creates so many imports, whose messages then are one batch; answers their identifiers. */
async function createBatch(size: number): Promise<string[]> {
  batches += 1;
  const identifiers = Array.from({ length: size }, (_, index) =>
    identifierNumber(100_000 + batches * 100 + index),
  );
  for (const identifier of identifiers) await create(world, identifier);
  return identifiers;
}
const requests = () => world.calls.made.filter((call) => call.endsWith('PutEventsCommand')).length;
/** How often an end of each import was published. */
const published = (identifiers: readonly string[]): number[] =>
  identifiers.map(
    (identifier) =>
      world
        .events()
        .filter(({ detail }) => (detail as Record<string, unknown>)['external_identifier'] === identifier)
        .length,
  );
const settle = (identifiers: readonly string[]) =>
  world.settle(async () =>
    (await Promise.all(identifiers.map((each) => isEnded(world, each)))).every(Boolean),
  );

/** Has EventBridge refuse the entry about an import, as often as it is put. */
const refused =
  (identifier: string): Always =>
  (command, input) => {
    if (command !== 'PutEventsCommand') return;
    input.Entries = input.Entries.map((entry: { Detail: string }) =>
      entry.Detail.includes(identifier) ? { ...entry, Detail: '' } : entry,
    );
  };

describe('the ends of a batch of imports', () => {
  it('are published in one request by the worker', async () => {
    const identifiers = await createBatch(10);
    world.calls.begin();
    await world.deliver();
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
    // Their windows have closed: what may still be tried, the dead-letter function leaves open.
    world.advance((SCHEDULE_WINDOW_DAYS_DEFAULT * 24 + 1) * 3600);
    world.calls.begin();
    expect(await world.invoke('dead-letter', { Records: records })).toEqual({ batchItemFailures: [] });
    expect({ requests: requests(), published: published(identifiers) }).toEqual({
      requests: 1,
      published: Array(10).fill(1),
    });
    await settle(identifiers);
  });

  it('are tried again where EventBridge took some of them, and only the others', async () => {
    const identifiers = await createBatch(3);
    const refuse = refused(identifiers[1]!);
    let isRefused = false;
    world.calls.begin(undefined, (command, input) => {
      if (command !== 'PutEventsCommand' || isRefused) return;
      isRefused = true;
      return refuse(command, input);
    });
    await world.deliver();
    expect({ requests: requests(), published: published(identifiers) }).toEqual({
      requests: 2,
      published: [1, 1, 1],
    });
  });

  it('that were not published have their messages delivered again, and no other', async () => {
    const identifiers = await createBatch(5);
    const events = identifiers.map((external_identifier) => ({
      messageId: external_identifier,
      body: JSON.stringify({ import_supplier: 'TEST_SUPPLIER', external_identifier, attempt: 1 }),
    }));
    world.calls.begin(undefined, refused(identifiers[3]!));
    expect(await world.invoke('worker', { Records: events })).toEqual({
      batchItemFailures: [{ itemIdentifier: identifiers[3] }],
    });
    expect(published(identifiers)).toEqual([1, 1, 1, 0, 1]);
    world.calls.begin();
    await settle(identifiers);
    expect(published(identifiers)[3]).toBeGreaterThanOrEqual(1);
  });

  it('are all delivered again where the request fails', async () => {
    const identifiers = await createBatch(3);
    world.calls.begin(undefined, (command) => {
      if (command === 'PutEventsCommand') return 'fails';
    });
    await world.deliver();
    expect(published(identifiers)).toEqual([0, 0, 0]);
    world.calls.begin();
    await settle(identifiers);
    expect(published(identifiers).every((count) => count >= 1)).toBe(true);
  });
});
