import { describe, expect, it } from 'vitest';
import { dynamoDB } from '../../shared/aws/clients.ts';
import { BatchGetThrottled, batchGet } from '../../shared/imports/storage/batch-get.ts';
import { type Input, jsonService } from '../aws/json-service.ts';

type Key = { id: { S: string } };
const keysOf = ({ RequestItems }: Input): string[] => RequestItems.table.Keys.map(({ id }: Key) => id.S);

/** DynamoDB's output when it leaves these keys unprocessed. */
const outputOf = ({ RequestItems }: Input, unprocessed: readonly string[]) => {
  const isUnprocessed = ({ id }: Key) => unprocessed.includes(id.S);
  const Keys = RequestItems.table.Keys.filter(isUnprocessed);
  return {
    Responses: { table: RequestItems.table.Keys.filter((key: Key) => !isUnprocessed(key)) },
    UnprocessedKeys: Keys.length === 0 ? {} : { table: { ...RequestItems.table, Keys } },
  };
};
const read = (ids: readonly string[]) =>
  batchGet(dynamoDB(), 'table', ids, { attributes: ['id'], consistent: true });

describe('batchGet', () => {
  it('reads unprocessed keys again, and only those', async () => {
    const unprocessed = [['b', 'c'], ['c'], []];
    await using service = await jsonService((input) =>
      outputOf(input, unprocessed[service.inputs.length - 1]!),
    );
    expect(await read(['a', 'b', 'c'])).toEqual([{ id: 'a' }, { id: 'b' }, { id: 'c' }]);
    expect(service.inputs.map(keysOf)).toEqual([['a', 'b', 'c'], ['b', 'c'], ['c']]);
    for (const { RequestItems } of service.inputs) {
      expect(RequestItems.table).toMatchObject({ ConsistentRead: true, ProjectionExpression: '#id' });
    }
  });

  it('throws a ThrottlingException when a key stays unprocessed five times', async () => {
    await using service = await jsonService((input) => outputOf(input, ['b']));
    const error = await read(['a', 'b']).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BatchGetThrottled);
    expect(error).toMatchObject({ name: 'ThrottlingException', message: 'DynamoDB left out 1 items.' });
    expect(service.inputs.map(keysOf)).toEqual([['a', 'b'], ['b'], ['b'], ['b'], ['b']]);
  });

  it('sends no request for no ids', async () => {
    await using service = await jsonService((input) => outputOf(input, []));
    expect(await read([])).toEqual([]);
    expect(service.inputs).toEqual([]);
  });
});
