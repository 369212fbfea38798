import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { adaptiveDynamoDB, dynamoDB } from '../../shared/aws/clients.ts';
import { jsonService } from './json-service.ts';

describe('a request to DynamoDB that is throttled', () => {
  const throttledTimes = (times: number) => {
    let attempts = 0;
    return jsonService(() => {
      attempts += 1;
      return attempts <= times ? { __type: 'ThrottlingException', message: 'Rate exceeded.' } : {};
    });
  };

  it('succeeds at the fourth attempt of an adaptive client', async () => {
    await using service = await throttledTimes(3);
    await adaptiveDynamoDB(4).send(new ListTablesCommand());
    expect(service.inputs).toHaveLength(4);
  });

  it('fails after three attempts of the other client', async () => {
    await using service = await throttledTimes(4);
    await expect(dynamoDB().send(new ListTablesCommand())).rejects.toMatchObject({
      name: 'ThrottlingException',
    });
    expect(service.inputs).toHaveLength(3);
  });
});
