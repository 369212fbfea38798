import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { shardOf } from '../../shared/imports/model/shards.ts';
import { mapConcurrently } from '../../shared/map-concurrently.ts';
import { startTestHost, type TestHost } from '../support/host.ts';
import { identifierNumber } from '../support/requests.ts';
import { operator } from './imports.ts';

let host: TestHost;
let asOperator: ReturnType<typeof operator>;
beforeAll(async () => {
  host = await startTestHost();
  asOperator = operator(host);
});
afterAll(() => host.stop());

const numbers = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => identifierNumber(from + index));

it('a redrive retries every import that ended ERRORED after too many starts, and no other', async () => {
  const dead = numbers(100, 5);
  const [cancelled, waiting] = numbers(200, 2) as [string, string];
  await Promise.all(dead.map((identifier) => asOperator.createExhausted(identifier)));
  await asOperator.createWaiting(waiting);
  await asOperator.createWaiting(cancelled);
  await asOperator.cancel(cancelled);

  expect(await asOperator.redrive()).toMatchObject({ status: 200, body: { redriven: 5, remaining: false } });
  for (const identifier of dead) {
    await asOperator.statusOf(identifier, ['PROCESSED']);
    expect((await asOperator.history(identifier)).map(({ event }) => event)).toContain('retried');
  }
  await asOperator.statusOf(cancelled, ['CANCELLED']);
  await asOperator.statusOf(waiting, ['PENDING']);
  expect((await asOperator.redrive()).body).toEqual({ redriven: 0, remaining: false });
});

it('ten concurrent redrives give each import one new attempt', async () => {
  const dead = numbers(300, 8);
  await Promise.all(dead.map((identifier) => asOperator.createExhausted(identifier)));
  const replies = await Promise.all(Array.from({ length: 10 }, () => asOperator.redrive()));
  const redriven = replies.map(({ body }) => (body as { redriven: number }).redriven);
  expect(redriven.reduce((sum, count) => sum + count)).toBe(dead.length);
  for (const identifier of dead) {
    await asOperator.statusOf(identifier, ['PROCESSED']);
    expect((await asOperator.history(identifier)).at(-1)).toMatchObject({ attempt: 2 });
  }
});

it('a redrive retries at most 25 imports and reports that more remain', async () => {
  const dead = numbers(1000, 1000)
    .filter((identifier) => shardOf(identifier) === 0)
    .slice(0, 30);
  await mapConcurrently(dead, 5, (identifier) => asOperator.createExhausted(identifier));
  expect((await asOperator.redrive()).body).toEqual({ redriven: 25, remaining: true });
  expect((await asOperator.redrive()).body).toEqual({ redriven: 5, remaining: false });
});

it('the dead-letter function ignores a message whose import was redriven', async () => {
  const identifier = identifierNumber(400);
  await asOperator.createExhausted(identifier);
  expect((await asOperator.redrive()).body).toEqual({ redriven: 1, remaining: false });
  const message = { import_supplier: 'TEST_SUPPLIER', external_identifier: identifier, attempt: 1 };
  const QueueUrl = host.endpoints.queues['imports-dead-letter']!;
  await host.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(message) }));
  const ignored = () =>
    host.logs('dead-letter').filter((line) => line.includes(identifier) && line.includes('nothing_to_do'))
      .length;
  await expect.poll(ignored, { timeout: 60_000 }).toBe(1);
  await asOperator.statusOf(identifier, ['PROCESSED']);
});

it('a redrive concerns one supplier’s imports only', async () => {
  const identifier = identifierNumber(500);
  await host.registered.putSupplier({ code: 'OTHER_SUPPLIER', migration: 'open' });
  const token = await host.tokenFor(['OTHER_SUPPLIER'], { role: 'operator' });
  const other = operator({ ...host, token }, 'OTHER_SUPPLIER');
  await other.createExhausted(identifier);
  expect((await asOperator.redrive()).body).toEqual({ redriven: 0, remaining: false });
  expect((await other.redrive()).body).toEqual({ redriven: 1, remaining: false });
  await other.statusOf(identifier, ['PROCESSED']);
});
