import type { APIGatewayAuthorizerResult, APIGatewayProxyResult } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SUPPLY_POINTS, startTestHost, type TestHost } from '../support/host.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());

const IN_A_DAY = Date.now() + 86_400_000;

describe('a token that expires', () => {
  it('has its expiry in the authorizer response that API Gateway caches', async () => {
    const contexts = [IN_A_DAY, undefined].map(async (expires_at) => {
      const key = await host.tokenFor(['TEST_SUPPLIER'], expires_at === undefined ? {} : { expires_at });
      const methodArn = 'arn:aws:execute-api:ap-southeast-2:000000000000:api/dev/GET/';
      const event = { type: 'TOKEN', authorizationToken: `Token ${key}`, methodArn };
      const outcome = await host.invoke('authorizer', event);
      return 'result' in outcome ? (outcome.result as APIGatewayAuthorizerResult).context : outcome;
    });
    const expected = {
      role: 'importer',
      suppliers: '{"TEST_SUPPLIER":"open"}',
      token: expect.stringContaining('"name":"test"'),
    };
    expect(await Promise.all(contexts)).toEqual([{ ...expected, expires_at: String(IN_A_DAY) }, expected]);
  });

  const responseOf = async (name: string, expires_at?: string): Promise<APIGatewayProxyResult> => {
    const context = { role: 'operator', suppliers: '{}', ...(expires_at && { expires_at }) };
    const outcome = await host.invoke(name, {
      httpMethod: 'GET',
      resource: `${SUPPLY_POINTS}/{supplier}`,
      pathParameters: { supplier: 'A', identifier: 'B' },
      requestContext: { requestId: 'request', requestTimeEpoch: Date.now(), authorizer: context },
    });
    return 'result' in outcome ? (outcome.result as APIGatewayProxyResult) : { statusCode: 0, body: '' };
  };
  const endpoints = [
    'validate',
    'create',
    'status',
    'list',
    'history',
    'created',
    'cancel',
    'retry',
    'redrive',
  ];

  it.each([...endpoints, 'fallback'])(
    'is rejected by %s after its expiry, even if its authorization is cached',
    async (name) => {
      expect(await responseOf(name, String(Date.now()))).toMatchObject({
        statusCode: 401,
        body: '{"detail":"Invalid token.","code":"authentication_failed"}',
        headers: { 'WWW-Authenticate': 'Token', 'x-kraken-correlation-id': 'request' },
      });
      expect((await responseOf(name, String(IN_A_DAY))).statusCode).not.toBe(401);
      expect((await responseOf(name)).statusCode).not.toBe(401);
    },
  );
});
