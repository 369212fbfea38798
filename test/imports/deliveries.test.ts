import {
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { STARTS_MAX } from '../../shared/imports/model/starts.ts';
import { SUPPLY_POINTS, send, startTestHost, statusOf, type TestHost } from '../support/host.ts';
import { useUpStarts } from '../support/imports.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';
import { keyOf, storesOf } from './stores.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

const submitted = (identifier: string) => storesOf(host).submit(identifier, Date.now());
const record = (identifier: string) => storesOf(host).imports.get(keyOf(identifier));

const outcomesOf = (identifier: string): string[] =>
  host
    .logs('worker')
    .filter((line) => line.includes(identifier) && line.includes('"import worked on"'))
    .map((line) => JSON.parse(line).kind);

it('a message that is delivered ten times concurrently creates one supply point', async () => {
  const identifier = identifierNumber(2);
  await submitted(identifier);
  const body = JSON.stringify({
    import_supplier: 'TEST_SUPPLIER',
    external_identifier: identifier,
    attempt: 1,
  });
  const Entries = Array.from({ length: 10 }, (_, index) => ({ Id: String(index), MessageBody: body }));
  await host.sqs.send(new SendMessageBatchCommand({ QueueUrl: host.endpoints.queues['imports']!, Entries }));
  await statusOf(host, identifier, ['PROCESSED']);
  const stored = await storesOf(host).supplyPoints.get(identifier);
  expect(stored).toMatchObject({ attempt: 1 });
  // Every message was processed or ignored: none is left for redelivery.
  await expect.poll(() => outcomesOf(identifier), { timeout: 10_000 }).toHaveLength(10);
  expect(outcomesOf(identifier).filter((outcome) => outcome === 'ended')).toHaveLength(1);
});

it('an import whose deliveries were throttled more often than the limit of starts is PROCESSED after the throttling', async () => {
  const QueueUrl = host.endpoints.queues['imports']!;
  const throttled = identifierNumber(3050);
  // A returned batch is then redelivered at once.
  await host.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '0' } }));
  host.reserve('worker', 0);
  const json = guideRequest({ identifier: throttled });
  expect((await send(host, 'POST', `${SUPPLY_POINTS}/`, { token: host.token, json })).status).toBe(201);
  const deliveries = async () => {
    const receive = { QueueUrl, MessageSystemAttributeNames: ['All' as const], VisibilityTimeout: 0 };
    const { Messages = [] } = await host.sqs.send(new ReceiveMessageCommand(receive));
    return Math.max(0, ...Messages.map(({ Attributes }) => Number(Attributes?.['ApproximateReceiveCount'])));
  };
  await expect.poll(deliveries, { timeout: 20_000 }).toBeGreaterThan(2 * STARTS_MAX);
  expect(await record(throttled)).toMatchObject({ status: 'PENDING' });
  expect(await record(throttled)).not.toHaveProperty('starts');
  await host.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '60' } }));
  host.reserve('worker', undefined);
  await statusOf(host, throttled, ['PROCESSED']);
  expect(await record(throttled)).toMatchObject({ starts: 1, attempt: 1 });
});

it('an import whose message used up its deliveries is handled by the dead-letter function after its queue moves the message', async () => {
  const identifier = identifierNumber(10);
  await submitted(identifier);
  await useUpStarts(host, keyOf(identifier));
  const body = JSON.stringify({
    import_supplier: 'TEST_SUPPLIER',
    external_identifier: identifier,
    attempt: 1,
  });
  const Entries = [
    { Id: '0', MessageBody: body },
    { Id: '1', MessageBody: 'no import’s message' },
  ];
  await host.sqs.send(
    new SendMessageBatchCommand({ QueueUrl: host.endpoints.queues['imports-dead-letter']!, Entries }),
  );
  expect(await statusOf(host, identifier, ['ERRORED'])).toMatchObject({
    latest_error: { code: 'import_attempts_exhausted', domain: 'import_process' },
  });
  await expect
    .poll(() => host.logs('dead-letter').filter((line) => line.includes('names no import')).length)
    .toBe(1);
});
