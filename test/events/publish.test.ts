import { describe, expect, it } from 'vitest';
import { eventBridge } from '../../shared/aws/clients.ts';
import { EventNotSent, outcomeEvents } from '../../shared/events/outcome-events.ts';
import type { Outcome } from '../../shared/imports/model/history.ts';
import { type Input, jsonService } from '../aws/json-service.ts';

const outcome = (externalIdentifier: string, detail = 'Mickey Mouse is not a customer.'): Outcome => ({
  key: { importSupplier: 'A', externalIdentifier },
  attempt: 1,
  status: 'ERRORED',
  endedAt: 0,
  error: { code: 'failed', detail, domain: 'account_import' },
});

type Entry = { Detail: string };
const identifierOf = ({ Detail }: Entry): string => JSON.parse(Detail).external_identifier;
const identifiersOf = ({ Entries }: Input): string[] => Entries.map(identifierOf);

/** EventBridge's output when it rejects the events of these imports and accepts the others. */
const outputOf = ({ Entries }: Input, rejected: readonly string[] = []) => {
  const isRejected = (entry: Entry) => rejected.includes(identifierOf(entry));
  return {
    FailedEntryCount: Entries.filter(isRejected).length,
    Entries: Entries.map((entry: Entry) =>
      isRejected(entry) ? { ErrorCode: 'ThrottlingException' } : { EventId: identifierOf(entry) },
    ),
  };
};
const publishAll = (outcomes: readonly (Outcome | undefined)[]) =>
  outcomeEvents(eventBridge(), 'outcomes').publishAll(outcomes);
const SENT = { status: 'fulfilled', value: undefined };

describe('publishAll', () => {
  it('retries the events that EventBridge rejected, and only those', async () => {
    const rejected = [['a', 'c'], ['c'], []];
    await using service = await jsonService((input) => outputOf(input, rejected[service.inputs.length - 1]));
    expect(await publishAll(['a', 'b', 'c'].map((each) => outcome(each)))).toEqual([SENT, SENT, SENT]);
    expect(service.inputs.map(identifiersOf)).toEqual([['a', 'b', 'c'], ['a', 'c'], ['c']]);
  });

  it('reports EventNotSent for an event that EventBridge rejected three times, and success for the others', async () => {
    await using service = await jsonService((input) => outputOf(input, ['b']));
    const results = await publishAll([outcome('a'), undefined, outcome('b'), outcome('c')]);
    expect(results).toEqual([SENT, SENT, { status: 'rejected', reason: expect.any(EventNotSent) }, SENT]);
    expect(service.inputs.map(identifiersOf)).toEqual([['a', 'b', 'c'], ['b'], ['b']]);
  });

  it('sends ten events in a request', async () => {
    await using service = await jsonService((input) => outputOf(input));
    const results = await publishAll(Array.from({ length: 23 }, (_, index) => outcome(String(index))));
    expect(results).toHaveLength(23);
    expect(service.inputs.map(({ Entries }) => Entries.length).sort()).toEqual([10, 10, 3]);
  });

  it('sends at most 256 KB in a request', async () => {
    await using service = await jsonService((input) => outputOf(input));
    const detail = 'é'.repeat(50_000);
    await publishAll(Array.from({ length: 4 }, (_, index) => outcome(String(index), detail)));
    expect(service.inputs.map(({ Entries }) => Entries.length).sort()).toEqual([2, 2]);
  });
});

describe('publish', () => {
  it('throws EventNotSent when EventBridge rejects the event three times', async () => {
    await using service = await jsonService((input) => outputOf(input, ['a']));
    await expect(outcomeEvents(eventBridge(), 'outcomes').publish(outcome('a'))).rejects.toThrow(
      EventNotSent,
    );
    expect(service.inputs).toHaveLength(3);
  });

  it('sends no request when there is no event', async () => {
    await using service = await jsonService((input) => outputOf(input));
    await outcomeEvents(eventBridge(), 'outcomes').publish(undefined);
    expect(service.inputs).toEqual([]);
  });
});
