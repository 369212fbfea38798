import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { busEvents, SUPPLY_POINTS, send, startTestHost, statusOf, type TestHost } from '../support/host.ts';
import { guideRequest, identifierNumber } from '../support/requests.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

type Event = { 'detail-type': string; source: string; detail: Record<string, unknown> };
/** The events about an import that are on the bus. */
async function eventsOf(identifier: string): Promise<Event[]> {
  const events = await busEvents<Event>(host);
  return events.filter(({ detail }) => detail['external_identifier'] === identifier);
}

async function create(identifier: string, taskParameters: Record<string, unknown> = {}): Promise<void> {
  const json = guideRequest({ identifier, taskParameters });
  expect((await send(host, 'POST', `${SUPPLY_POINTS}/`, { token: host.token, json })).status).toBe(201);
}

it('publishes a finished import’s event, with upstream’s name and without personal data', async () => {
  const identifier = identifierNumber(900_001);
  await create(identifier);
  const { kraken_identifier } = await statusOf(host, identifier, ['PROCESSED']);
  await expect.poll(() => eventsOf(identifier)).toHaveLength(1);
  const [event] = await eventsOf(identifier);
  expect(event).toMatchObject({
    'detail-type': 'data_import.import_process.complete-v1',
    source: 'supply-point-import',
    detail: {
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      import_supplier: 'TEST_SUPPLIER',
      external_identifier: identifier,
      attempt: 1,
      status: 'PROCESSED',
      kraken_identifier,
      latest_error: null,
    },
  });
  expect(JSON.stringify(event)).not.toMatch(/mickey|mouse|@/i);
});

it.each([['dry_run_complete', { is_dry_run: true }, 'DRY_RUN_SUCCEEDED', 900_002]])(
  'publishes %s',
  async (name, taskParameters, status, number) => {
    const identifier = identifierNumber(number);
    await create(identifier, taskParameters);
    await statusOf(host, identifier, [status]);
    await expect.poll(() => eventsOf(identifier)).toHaveLength(1);
    expect((await eventsOf(identifier))[0]!['detail-type']).toBe(`data_import.import_process.${name}-v1`);
  },
);

it('publishes one event for a repeated cancellation', async () => {
  const identifier = identifierNumber(900_003);
  await create(identifier, { schedule_window_start: new Date(Date.now() + 3_600_000).toISOString() });
  const cancel = () =>
    send(host, 'POST', `${SUPPLY_POINTS}/TEST_SUPPLIER/${identifier}/cancel/`, { token: host.token });
  expect([(await cancel()).status, (await cancel()).status]).toEqual([200, 200]);
  const events = await eventsOf(identifier);
  expect(events.map((event) => event['detail-type'])).toEqual(['data_import.import_process.cancelled-v1']);
});

it('publishes the same event again when a message is redelivered after the finish, because the first run may not have published it', async () => {
  const identifier = identifierNumber(900_004);
  await create(identifier);
  await statusOf(host, identifier, ['PROCESSED']);
  await expect.poll(() => eventsOf(identifier)).toHaveLength(1);
  const copy = { import_supplier: 'TEST_SUPPLIER', external_identifier: identifier, attempt: 1 };
  const QueueUrl = host.endpoints.queues['imports']!;
  await host.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(copy) }));
  await expect.poll(() => eventsOf(identifier), { timeout: 10_000 }).toHaveLength(2);
  const events = await eventsOf(identifier);
  expect(events[0]!.detail).toEqual(events[1]!.detail);
});
