import { expect, it } from 'vitest';
import { dynamoDB } from '../../shared/aws/clients.ts';
import { queryAll } from '../../shared/aws/query-all.ts';
import { jsonService } from './json-service.ts';

it('queryAll returns the items of all pages in order, an empty page in between included', async () => {
  const pages = [
    { Items: [{ id: { S: 'a' } }, { id: { S: 'b' } }], LastEvaluatedKey: { id: { S: 'b' } } },
    { Items: [], LastEvaluatedKey: { id: { S: 'm' } } },
    { Items: [{ id: { S: 'z' } }] },
  ];
  await using service = await jsonService(() => pages[service.inputs.length - 1]);
  const query = {
    TableName: 'table',
    KeyConditionExpression: 'kind = :kind',
    ExpressionAttributeValues: { ':kind': 'x' },
    ConsistentRead: true,
  };
  expect(await queryAll(dynamoDB(), query)).toEqual([{ id: 'a' }, { id: 'b' }, { id: 'z' }]);
  expect(service.inputs.map(({ ExclusiveStartKey }) => ExclusiveStartKey)).toEqual([
    undefined,
    { id: { S: 'b' } },
    { id: { S: 'm' } },
  ]);
  for (const input of service.inputs)
    expect(input).toMatchObject({ TableName: 'table', ConsistentRead: true });
});
