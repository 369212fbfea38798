import { describe, expect, it } from 'vitest';
import { sqs } from '../../shared/aws/clients.ts';
import { importQueue, readImportMessage } from '../../shared/imports/storage/queue.ts';
import { type Input, jsonService } from '../aws/json-service.ts';

const key = { importSupplier: 'A', externalIdentifier: '1' };

it('a message has the key and the attempt, is delayed, and is in its supplier’s group', async () => {
  await using service = await jsonService(() => ({}));
  await importQueue(sqs(), `${service.url}/0/queue`).send([{ key, attempt: 2, delaySeconds: 7 }]);
  const entries = service.inputs.flatMap(({ Entries }: Input) => Entries);
  expect(entries).toEqual([
    { Id: '0', MessageBody: expect.any(String), DelaySeconds: 7, MessageGroupId: 'A' },
  ]);
  const body = { import_supplier: 'A', external_identifier: '1', attempt: 2 };
  expect(JSON.parse(entries[0].MessageBody)).toEqual(body);
  expect(readImportMessage(entries[0].MessageBody)).toEqual({ key, attempt: 2 });
});

describe('a body', () => {
  it.each([
    'not json',
    '{}',
    '[]',
    '{"import_supplier":"A","external_identifier":"1"}',
    '{"import_supplier":"A","external_identifier":"1","attempt":1.5}',
    '{"import_supplier":"A","external_identifier":1,"attempt":1}',
    '{"import_supplier":1,"external_identifier":"1","attempt":1}',
  ])('%s is no import’s message', (body) => expect(() => readImportMessage(body)).toThrow());

  it('may have fields that a later version adds', () => {
    const body = '{"import_supplier":"A","external_identifier":"1","attempt":2,"more":true}';
    expect(readImportMessage(body)).toEqual({ key, attempt: 2 });
  });
});
