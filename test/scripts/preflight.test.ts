import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Environment } from '../../infra/environment.ts';
import { environmentNamed } from '../../infra/environments.ts';
import { covers, preflight } from '../../scripts/preflight/checks.ts';
import { clientsFor } from '../../scripts/preflight/clients.ts';
import { concurrencyOf } from '../../scripts/preflight/concurrency.ts';
import { readEnvironmentName } from '../../scripts/preflight.ts';
import { commandEnvironment } from '../support/command-environment.ts';
import { type AwsResponses, startAwsServer } from './aws-server.ts';

const CERTIFICATE = 'arn:aws:acm:ap-southeast-2:444455556666:certificate/one';
const PROD: Environment = {
  ...environmentNamed('prod'),
  account: '444455556666',
  region: 'ap-southeast-2',
  alarmEmail: 'minnie.mouse@example.org',
  domain: { name: 'imports.example.org', certificateArn: CERTIFICATE },
};
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
const topicOf = (stack: string) =>
  `arn:aws:sns:ap-southeast-2:444455556666:supply-point-import-${stack}-serviceNested-alarms`;
const subscribed = (arn: string, topic = topicOf('prod'), endpoint = PROD.alarmEmail) =>
  `<member><TopicArn>${topic}</TopicArn><Protocol>email</Protocol><SubscriptionArn>${arn}</SubscriptionArn><Owner>444455556666</Owner><Endpoint>${endpoint}</Endpoint></member>`;
const subscriptions = (...members: string[]) => `<Subscriptions>${members.join('')}</Subscriptions>`;
const stack = (status: string) =>
  `<Stacks><member><StackName>supply-point-import-prod</StackName><CreationTime>2027-01-01T00:00:00Z</CreationTime><StackStatus>${status}</StackStatus></member></Stacks>`;
const certificate = (Status: string, ...names: string[]) =>
  JSON.stringify({ Certificate: { Status, SubjectAlternativeNames: names } });

/** AWS's responses for a prepared environment. */
const READY = {
  GetCallerIdentity: '<Account>444455556666</Account><Arn>arn:aws:iam::444455556666:role/one</Arn>',
  GetParameter: JSON.stringify({ Parameter: { Value: '30' } }),
  GetAccount: JSON.stringify({ cloudwatchRoleArn: 'arn:aws:iam::444455556666:role/logs' }),
  GetAccountSettings: JSON.stringify({ AccountLimit: { ConcurrentExecutions: 1000 } }),
  DescribeCertificate: certificate('ISSUED', 'imports.example.org'),
  ListSubscriptions: subscriptions(subscribed('arn:aws:sns:ap-southeast-2:444455556666:topic:id')),
  DescribeStacks: stack('UPDATE_COMPLETE'),
} satisfies AwsResponses;

beforeEach(() => {
  for (const [name, value] of Object.entries(CREDENTIALS)) vi.stubEnv(name, value);
  vi.stubEnv('AWS_REGION', undefined);
});
afterEach(() => vi.unstubAllEnvs());

async function findingsOf(responses: AwsResponses = {}, environment = PROD) {
  await using aws = await startAwsServer({ ...READY, ...responses });
  vi.stubEnv('AWS_ENDPOINT_URL', aws.url);
  const clients = clientsFor(environment);
  try {
    const findings = await preflight(environment, clients);
    return Object.fromEntries(findings.map(({ check, kind, text }) => [check, `${kind}: ${text}`]));
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}

const DENIED = { error: 'AccessDeniedException', message: 'User is not authorized to perform this.' };
const DENIED_BY_QUERY = { error: 'AccessDenied', message: 'User is not authorized to perform this.' };

describe('a preflight', () => {
  it('finds nothing to do for a prepared environment', async () => {
    expect(await findingsOf()).toEqual({
      account: 'ok: 444455556666',
      region: 'ok: ap-southeast-2',
      'CDK bootstrap': 'ok: version 30',
      'API Gateway’s log role': 'ok: arn:aws:iam::444455556666:role/logs',
      'Lambda concurrency': `ok: 1000 concurrent executions; the row’s limits add up to ${concurrencyOf(PROD)}.`,
      certificate: 'ok: for imports.example.org',
      'alarm address': 'ok: minnie.mouse@example.org is confirmed.',
      stack: 'ok: UPDATE_COMPLETE',
    });
  });

  it.each<[check: string, expected: RegExp, responses: AwsResponses]>([
    [
      'account',
      /^to do: the row says 444455556666, and the credentials are of 111122223333\./,
      { GetCallerIdentity: '<Account>111122223333</Account>' },
    ],
    [
      'CDK bootstrap',
      /^to do: there is none .*: npx cdk bootstrap aws:\/\/444455556666\/ap-southeast-2$/,
      { GetParameter: { error: 'ParameterNotFound' } },
    ],
    [
      'CDK bootstrap',
      /^to do: version 5 is older than 6: npx cdk bootstrap/,
      { GetParameter: JSON.stringify({ Parameter: { Value: '5' } }) },
    ],
    ['CDK bootstrap', /^unknown: AWS rejected the request: User is not/, { GetParameter: DENIED }],
    ['API Gateway’s log role', /^to do: there is none: docs\/operations\.md/, { GetAccount: '{}' }],
    ['API Gateway’s log role', /^unknown: AWS rejected the request/, { GetAccount: DENIED }],
    [
      'Lambda concurrency',
      /^to do: 10 concurrent executions, .* --quota-code L-B99A9384 /,
      { GetAccountSettings: JSON.stringify({ AccountLimit: { ConcurrentExecutions: 10 } }) },
    ],
    ['Lambda concurrency', /^unknown: AWS rejected the request/, { GetAccountSettings: DENIED }],
    [
      'certificate',
      /^to do: it is PENDING_VALIDATION/,
      { DescribeCertificate: certificate('PENDING_VALIDATION') },
    ],
    [
      'certificate',
      /^to do: it is for a\.example\.org, and not for imports\.example\.org\.$/,
      { DescribeCertificate: certificate('ISSUED', 'a.example.org') },
    ],
    [
      'certificate',
      /^to do: there is no arn:aws:acm/,
      { DescribeCertificate: { error: 'ResourceNotFoundException' } },
    ],
    ['certificate', /^unknown: AWS rejected the request/, { DescribeCertificate: DENIED }],
    [
      'alarm address',
      /^to do: minnie.mouse@example.org has not confirmed/,
      { ListSubscriptions: subscriptions(subscribed('PendingConfirmation')) },
    ],
    [
      'alarm address',
      /^note: the first deployment sends minnie.mouse@example.org a mail/,
      {
        ListSubscriptions: subscriptions(
          subscribed('arn:of:staging', topicOf('staging')),
          subscribed('arn:of:mickey', topicOf('prod'), 'mickey.mouse@example.org'),
        ),
      },
    ],
    [
      'alarm address',
      /^unknown: AWS rejected the request/,
      { ListSubscriptions: { error: 'AuthorizationError' } },
    ],
    [
      'stack',
      /^note: there is none yet: npx cdk deploy -c env=prod -c first=true, and when that succeeded npx cdk deploy -c env=prod$/,
      {
        DescribeStacks: {
          error: 'ValidationError',
          message: 'Stack with id supply-point-import-prod does not exist',
        },
      },
    ],
    [
      'stack',
      /^note: its creation failed \(ROLLBACK_COMPLETE\): .* -c first=true/,
      { DescribeStacks: stack('ROLLBACK_COMPLETE') },
    ],
    ['stack', /^to do: .* continue-update-rollback/, { DescribeStacks: stack('UPDATE_ROLLBACK_FAILED') }],
    ['stack', /^to do: .* delete-stack/, { DescribeStacks: stack('DELETE_FAILED') }],
    ['stack', /^to do: .*wait until/, { DescribeStacks: stack('UPDATE_IN_PROGRESS') }],
    ['stack', /^unknown: AWS rejected the request/, { DescribeStacks: DENIED_BY_QUERY }],
  ])('has for %s the finding %s', async (check, expected, responses) => {
    const findings = await findingsOf(responses);
    expect(findings[check]).toMatch(expected);
    const others = Object.entries(findings).filter(([other]) => other !== check);
    expect(others.filter(([, text]) => !text.startsWith('ok: '))).toEqual([]);
  });

  it('reports an AWS_REGION that is not the row’s region', async () => {
    vi.stubEnv('AWS_REGION', 'us-east-1');
    expect((await findingsOf())['region']).toBe(
      'to do: the row says ap-southeast-2, and AWS_REGION is us-east-1: export AWS_REGION=ap-southeast-2',
    );
  });

  it('has notes for settings that a row does not have', async () => {
    vi.stubEnv('AWS_REGION', 'us-east-1');
    const findings = await findingsOf({}, environmentNamed('dev'));
    expect(
      Object.entries(findings)
        .filter(([, text]) => text.startsWith('note: '))
        .map(([check]) => check),
    ).toEqual(['account', 'region', 'API Gateway’s log role', 'certificate', 'alarm address']);
  });

  it.each([{ error: 'InvalidClientTokenId' }, { error: 'ExpiredToken' }])(
    'fails with one line if the credentials are rejected: %o',
    async (refusal) => {
      await expect(findingsOf({ GetCallerIdentity: refusal })).rejects.toThrow(
        /^AWS rejected the request: No\.$/,
      );
    },
  );
});

describe('npm run preflight', () => {
  const script = join(import.meta.dirname, '../../scripts/preflight.ts');
  const run = (args: string[], env: Record<string, string>) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
      const options = {
        env: commandEnvironment(env),
      };
      execFile(process.execPath, [script, ...args], options, (error, stdout, stderr) =>
        done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });

  it('exits with 0 if there is nothing to do, and with 1 otherwise', async () => {
    const account = environmentNamed('staging').account!;
    const GetCallerIdentity = `<Account>${account}</Account>`;
    for (const [code, GetAccount] of [
      [0, READY.GetAccount],
      [1, '{}'],
    ] as const) {
      await using aws = await startAwsServer({ ...READY, GetCallerIdentity, GetAccount });
      const { stdout, ...ended } = await run(['-c', 'env=staging'], {
        ...CREDENTIALS,
        AWS_ENDPOINT_URL: aws.url,
      });
      expect(ended).toEqual({ code, stderr: '' });
      const last = code === 0 ? 'staging can be deployed.' : '1 to do before staging is deployed.';
      expect(stdout.trim().split('\n').at(-1)).toBe(last);
      expect(stdout).toMatch(/^ok {7}account: \d{12}$/m);
    }
  });

  it('prints one line if there are no credentials, or no such environment', async () => {
    expect(await run(['-c', 'env=staging'], {})).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^No AWS credentials: [^\n]+\n$/),
    });
    expect(await run(['-c', 'env=nowhere'], {})).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^There is no environment "nowhere"[^\n]+\n$/),
    });
  });

  it.each([[[]], [['-c', 'staging']], [['-c', 'env=dev', '-c', 'env=prod']], [['staging']]])(
    'rejects the arguments %j',
    (args) => {
      expect(() => readEnvironmentName(args)).toThrow();
    },
  );
});

it.each([
  ['a.example.org', 'a.example.org', true],
  ['*.example.org', 'a.example.org', true],
  ['*.example.org', 'a.b.example.org', false],
  ['*.example.org', 'example.org', false],
  ['b.example.org', 'a.example.org', false],
])('a certificate for %s matches the host %s: %s', (name, host, isCovered) => {
  expect(covers(name, host)).toBe(isCovered);
});
