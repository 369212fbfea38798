import { readFileSync } from 'node:fs';
import recommended from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { assertAccount, checkedEnvironment, type Environment } from '../../../infra/environment.ts';
import { ENVIRONMENT_NAMES, environmentNamed } from '../../../infra/environments.ts';
import { buildApp } from '../../../infra/synthesize.ts';

const PROD = environmentNamed('prod');

describe('a row of settings', () => {
  it.each(ENVIRONMENT_NAMES)('of %s is one', (name) => {
    expect(checkedEnvironment(environmentNamed(name))).toEqual(environmentNamed(name));
  });

  it('has a name that no other has', () => {
    expect(new Set(ENVIRONMENT_NAMES).size).toBe(ENVIRONMENT_NAMES.length);
  });

  it.each<[wrong: string, field: string, change: object]>([
    ['a name with a capital', 'name', { name: 'Prod' }],
    ['a name too long for a stack’s', 'name', { name: 'a'.repeat(21) }],
    ['a retention that CloudWatch does not take', 'logRetentionDays', { logRetentionDays: 8 }],
    ['data that is protected and cannot be restored', 'pointInTimeRecovery', { pointInTimeRecovery: false }],
    ['a concurrency that Lambda does not take', 'workerConcurrencyMax', { workerConcurrencyMax: 1 }],
    ['half a worker', 'bulkConcurrencyMax', { bulkConcurrencyMax: 2.5 }],
    [
      'no requests at all',
      'methodThrottle.requestsPerSecond',
      { methodThrottle: { requestsPerSecond: 0, burstRequests: 1 } },
    ],
    [
      'a reader longer than a function',
      'drops.readerTimeoutSeconds',
      { drops: { ...PROD.drops, readerTimeoutSeconds: 901 } },
    ],
    ['drops that go before their notes', 'drops.keptDays', { drops: { ...PROD.drops, keptDays: 29 } }],
    ['personal data that expires before a drop has ended', 'personalDataDays', { personalDataDays: 29 }],
    ['an account that is none', 'account', { account: '12' }],
    ['a region that is none', 'region', { region: 'Sydney' }],
    ['data that is protected in any account', 'account', { account: undefined }],
    ['data that is protected in any region', 'region', { region: undefined }],
    [
      'a certificate of another region',
      'domain',
      {
        domain: {
          name: 'a.example.org',
          certificateArn: 'arn:aws:acm:us-east-1:000000000000:certificate/one',
        },
      },
    ],
    [
      'data that is protected and nobody who is told',
      'alarmEmail',
      { alarmEmail: undefined, budget: undefined },
    ],
    ['a budget that nobody is told of', 'alarmEmail', { isProtected: false, alarmEmail: undefined }],
    [
      'a firewall that lets nobody in',
      'firewall.requestsPerAddressMax',
      { firewall: { requestsPerAddressMax: 0 } },
    ],
    ['an address that is none', 'alarmEmail', { alarmEmail: 'nobody' }],
    ['a time zone that is none', 'timeZone', { timeZone: 'Australia/Atlantis' }],
    ['made-up answers in prod', 'scenariosAllowed', { scenariosAllowed: true }],
    [
      'a certificate that is none',
      'domain.certificateArn',
      { domain: { name: 'a.example.org', certificateArn: 'x' } },
    ],
    ['a tag of the name’s', 'tags', { tags: { environment: 'other' } }],
    ['a setting that is none', 'color', { color: 'red' }],
    ['a setting too few', 'isProtected', { isProtected: undefined }],
  ])('with %s is an error at synthesis, which names the row and %s', (_, field, change) => {
    const row = { ...PROD, ...change } as Environment;
    const message = new RegExp(`^The environment "${row.name}" cannot be: ${field}: [^;]+\\.$`);
    expect(() => buildApp({ environment: row })).toThrow(message);
  });

  it('is told all that is wrong with it at once', () => {
    const row = { ...PROD, logRetentionDays: 8, timeZone: '' } as unknown as Environment;
    expect(() => checkedEnvironment(row)).toThrow(/logRetentionDays: .+; timeZone: .+/);
  });
});

describe('the account of the credentials', () => {
  it.each([undefined, PROD.account])('may be %s', (account) => {
    expect(() => assertAccount(PROD, account)).not.toThrow();
  });

  it('may be any for a row that has none', () => {
    expect(() => assertAccount(environmentNamed('dev'), '000000000000')).not.toThrow();
  });

  it('may not be another than the row’s', () => {
    expect(() => assertAccount(PROD, '000000000000')).toThrow(
      `The environment "prod" belongs to the account ${PROD.account}, and these credentials to 000000000000`,
    );
  });
});

it('every feature flag that this version of the CDK recommends is set in cdk.json', () => {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
  expect(Object.keys(recommended).length).toBeGreaterThan(50);
  expect(context).toMatchObject(recommended);
});
