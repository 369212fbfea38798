import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type SecureVersion } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { functionNames } from '../../infra/cloud/bundles.ts';
import { edgeChecks } from '../../scripts/account-checks/edge-checks.ts';
import { READ_ONLY_CHECKS, runReadOnlyChecks } from '../../scripts/account-checks/run.ts';
import { handshake } from '../../scripts/account-checks/tls.ts';
import { startTestHost, type TestHost } from '../support/host.ts';
import type { AwsResponses } from './aws-server.ts';
import { withAccount } from './deployed-account.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.stop());
afterEach(() => vi.unstubAllEnvs());

describe('a read-only check', () => {
  const DENIED = { error: 'AccessDeniedException', message: 'Not you.' };
  const ttl = (TimeToLiveStatus: string) => JSON.stringify({ TimeToLiveDescription: { TimeToLiveStatus } });

  it.each<[name: string, responses: AwsResponses, expected: RegExp]>([
    [
      'time to live',
      { DescribeTimeToLive: ttl('ENABLED') },
      /^differs .*recordsregistry ENABLED by undefined, not DISABLED/,
    ],
    ['time to live', { DescribeTimeToLive: DENIED }, /^unknown .*AWS rejected the request: Not you\.$/],
    [
      'refuse deletion',
      { DescribeTable: JSON.stringify({ Table: { DeletionProtectionEnabled: true } }) },
      /^differs .*refuses deletion; the template says that it can be deleted/,
    ],
    ['refuse deletion', { DescribeTable: DENIED }, /^unknown /],
    [
      'alias points',
      { GetAlias: JSON.stringify({ FunctionVersion: '$LATEST' }) },
      /^differs .*importapivalidate\w+.* it is \$LATEST$/,
    ],
    ['alias points', { GetAlias: DENIED }, /^unknown /],
    ['archive', { DescribeArchive: JSON.stringify({ State: 'DISABLED' }) }, /^differs .*it is DISABLED$/],
    ['archive', { DescribeArchive: DENIED }, /^unknown /],
  ])('of %s prints the outcome', async (name, responses, expected) => {
    const checks = READ_ONLY_CHECKS.filter((check) => check.name.includes(name));
    const { lines } = await withAccount(host, { responses }, (account, print) =>
      runReadOnlyChecks(account, checks, print),
    );
    expect(lines).toEqual([expect.stringMatching(expected)]);
  });

  it.each<[subscriptionArn: string, address: string, expected: string]>([
    [
      'arn:aws:sns:one',
      'minnie.mouse@example.org',
      'ok       the alarms’ address is confirmed: minnie.mouse@example.org',
    ],
    [
      'PendingConfirmation',
      'minnie.mouse@example.org',
      'differs  the alarms’ address is confirmed: minnie.mouse@example.org has not followed the link in AWS’s mail',
    ],
    [
      'arn:aws:sns:one',
      'mickey.mouse@example.org',
      'differs  the alarms’ address is confirmed: minnie.mouse@example.org has no subscription, or has ended it',
    ],
  ])(
    'of the alarms’ address, with the subscription %s of %s, prints the outcome',
    async (arn, address, expected) => {
      const ListSubscriptionsByTopic = `<Subscriptions><member><Protocol>email</Protocol><SubscriptionArn>${arn}</SubscriptionArn><Endpoint>${address}</Endpoint></member></Subscriptions>`;
      const checks = READ_ONLY_CHECKS.filter(({ name }) => name.includes('address'));
      const { lines } = await withAccount(
        host,
        { responses: { ListSubscriptionsByTopic }, row: { alarmEmail: 'minnie.mouse@example.org' } },
        (account, print) => runReadOnlyChecks(account, checks, print),
      );
      expect(lines).toEqual([expected]);
    },
  );

  it.each([
    ['CodeDeployDefault.LambdaCanary10Percent5Minutes', new RegExp(`^ok .*${functionNames().length} groups`)],
    [
      'CodeDeployDefault.LambdaAllAtOnce',
      new RegExp(`^differs .*${functionNames().length} are CodeDeployDefault.LambdaAllAtOnce, not `),
    ],
  ])('of the deployment groups, with %s, prints the outcome', async (deploymentConfigName, expected) => {
    const responses: AwsResponses = {
      ListDeploymentGroups: JSON.stringify({ deploymentGroups: functionNames() }),
      GetDeploymentGroup: JSON.stringify({ deploymentGroupInfo: { deploymentConfigName } }),
    };
    const checks = READ_ONLY_CHECKS.filter(({ name }) => name.includes('CodeDeploy'));
    const { lines } = await withAccount(host, { responses, row: { canaryMinutes: 5 } }, (account, print) => {
      // The template of `dev` has none.
      const application = { ...account.deployed.resources[0]!, type: 'AWS::CodeDeploy::Application' };
      const resources = [...account.deployed.resources, application];
      return runReadOnlyChecks({ ...account, deployed: { ...account.deployed, resources } }, checks, print);
    });
    expect(lines).toEqual([expect.stringMatching(expected)]);
  });

  it('compares time to live and warm throughput with the template', async () => {
    const responses: AwsResponses = {
      DescribeTimeToLive: JSON.stringify({
        TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'expires_at' },
      }),
    };
    const expectOf = async (WriteUnitsPerSecond: number) => {
      const { lines } = await withAccount(host, { responses }, (account, print) => {
        const properties = {
          TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
          WarmThroughput: { WriteUnitsPerSecond },
        };
        const template = Object.fromEntries(
          account.deployed.resources.map(({ logicalId, type }) => [
            logicalId,
            { Type: type, Properties: properties },
          ]),
        );
        return runReadOnlyChecks(
          { ...account, deployed: { ...account.deployed, template } },
          READ_ONLY_CHECKS.slice(7, 9),
          print,
        );
      });
      return lines;
    };
    expect(await expectOf(4000)).toEqual([
      expect.stringMatching(/^ok .*time to live/),
      expect.stringMatching(/^ok .*warm/),
    ]);
    expect((await expectOf(8000))[1]).toMatch(
      /^differs .*4000 writes and 12000 reads a second, not 8000 and 0/,
    );
  });
});

describe('a TLS handshake', () => {
  /** Without a certificate: anonymous ciphers. */
  async function serverOf(minVersion: SecureVersion) {
    const server = createServer({
      minVersion,
      maxVersion: 'TLSv1.2',
      ciphers: 'AECDH-AES128-SHA:@SECLEVEL=0',
    });
    server.on('tlsClientError', () => {});
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return {
      port: (server.address() as AddressInfo).port,
      [Symbol.asyncDispose]: async () => void server.close(),
    };
  }

  it('of version 1.1 is rejected by a server that requires 1.2', async () => {
    await using server = await serverOf('TLSv1.2');
    expect(await handshake('127.0.0.1', server.port, 'TLSv1.2')).toEqual({
      kind: 'accepted',
      version: 'TLSv1.2',
    });
    expect(await handshake('127.0.0.1', server.port, 'TLSv1.1')).toMatchObject({ kind: 'refused' });
  });

  it('of version 1.1 is accepted by a server that allows it', async () => {
    await using server = await serverOf('TLSv1');
    expect(await handshake('127.0.0.1', server.port, 'TLSv1.1')).toEqual({
      kind: 'accepted',
      version: 'TLSv1.1',
    });
  });

  it.each([
    ['TLSv1', /^differs .*at most TLS 1\.1 is accepted/],
    ['TLSv1.2', /^ok .*ALERT/],
  ] as const)('with an API that accepts %s, is checked', async (version, expected) => {
    await using server = await serverOf(version);
    const { lines } = await withAccount(host, {}, (account, print) => {
      const output = () => `https://127.0.0.1:${server.port}/`;
      return runReadOnlyChecks(
        { ...account, deployed: { ...account.deployed, output } },
        edgeChecks.slice(0, 1),
        print,
      );
    });
    expect(lines).toEqual([expect.stringMatching(expected)]);
  });

  it('fails if no server listens', async () => {
    let port: number;
    {
      await using server = await serverOf('TLSv1');
      ({ port } = server);
    }
    expect(await handshake('127.0.0.1', port, 'TLSv1.1')).toEqual({ kind: 'failed', code: 'ECONNREFUSED' });
  });
});
