import { readFileSync } from 'node:fs';
import recommended from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { assertAccount, checkedEnvironment, type Environment } from '../../../infra/environment.ts';
import { ENVIRONMENT_NAMES, environmentNamed } from '../../../infra/environments.ts';
import { buildApp } from '../../../infra/synthesize.ts';

const PROD = environmentNamed('prod');

describe('an environment’s row', () => {
  it.each(ENVIRONMENT_NAMES)('is valid for %s', (name) => {
    expect(checkedEnvironment(environmentNamed(name))).toEqual(environmentNamed(name));
  });

  it('has a unique name', () => {
    expect(new Set(ENVIRONMENT_NAMES).size).toBe(ENVIRONMENT_NAMES.length);
  });

  it.each<[mistake: string, field: string, change: object]>([
    ['a capital letter in the name', 'name', { name: 'Prod' }],
    ['a name that is too long', 'name', { name: 'a'.repeat(21) }],
    ['a retention that CloudWatch does not accept', 'logRetentionDays', { logRetentionDays: 8 }],
    ['protection without point-in-time recovery', 'pointInTimeRecovery', { pointInTimeRecovery: false }],
    ['a concurrency below Lambda’s minimum', 'workerConcurrencyMax', { workerConcurrencyMax: 1 }],
    ['a fractional concurrency', 'bulkConcurrencyMax', { bulkConcurrencyMax: 2.5 }],
    [
      'a rate limit of 0',
      'methodThrottle.requestsPerSecond',
      { methodThrottle: { requestsPerSecond: 0, burstRequests: 1 } },
    ],
    [
      'a reader’s timeout above Lambda’s maximum',
      'drops.readerTimeoutSeconds',
      { drops: { ...PROD.drops, readerTimeoutSeconds: 901 } },
    ],
    [
      'a retention of drops below that of their parts’ output',
      'drops.keptDays',
      { drops: { ...PROD.drops, keptDays: 29 } },
    ],
    ['personal data that expires before a drop can end', 'personalDataDays', { personalDataDays: 29 }],
    ['an invalid account', 'account', { account: '12' }],
    ['an invalid region', 'region', { region: 'Sydney' }],
    ['protection without an account', 'account', { account: undefined }],
    ['protection without a region', 'region', { region: undefined }],
    [
      'a certificate in another region',
      'domain',
      {
        domain: {
          name: 'a.example.org',
          certificateArn: 'arn:aws:acm:us-east-1:000000000000:certificate/one',
        },
      },
    ],
    ['protection without an address for alarms', 'alarmEmail', { alarmEmail: undefined, budget: undefined }],
    ['a budget without an address', 'alarmEmail', { isProtected: false, alarmEmail: undefined }],
    [
      'a firewall with a limit of 0',
      'firewall.requestsPerAddressMax',
      { firewall: { requestsPerAddressMax: 0 } },
    ],
    ['an invalid email address', 'alarmEmail', { alarmEmail: 'nobody' }],
    ['an unknown time zone', 'timeZone', { timeZone: 'Australia/Atlantis' }],
    ['scenarios in prod', 'scenariosAllowed', { scenariosAllowed: true }],
    [
      'an invalid certificate ARN',
      'domain.certificateArn',
      { domain: { name: 'a.example.org', certificateArn: 'x' } },
    ],
    ['a tag named environment', 'tags', { tags: { environment: 'other' } }],
    ['an unknown setting', 'color', { color: 'red' }],
    ['a missing setting', 'isProtected', { isProtected: undefined }],
  ])('fails synthesis with %s; the message names the row and %s', (_, field, change) => {
    const row = { ...PROD, ...change } as Environment;
    const message = new RegExp(`^The environment "${row.name}" cannot be: ${field}: [^;]+\\.$`);
    expect(() => buildApp({ environment: row })).toThrow(message);
  });

  it('gets all its errors in one message', () => {
    const row = { ...PROD, logRetentionDays: 8, timeZone: '' } as unknown as Environment;
    expect(() => checkedEnvironment(row)).toThrow(/logRetentionDays: .+; timeZone: .+/);
  });
});

describe('the account of the credentials', () => {
  it.each([undefined, PROD.account])('may be %s for prod', (account) => {
    expect(() => assertAccount(PROD, account)).not.toThrow();
  });

  it('may be any account for a row without one', () => {
    expect(() => assertAccount(environmentNamed('dev'), '000000000000')).not.toThrow();
  });

  it('must not differ from the row’s', () => {
    expect(() => assertAccount(PROD, '000000000000')).toThrow(
      `The environment "prod" belongs to the account ${PROD.account}, and these credentials to 000000000000`,
    );
  });
});

it('cdk.json sets every feature flag that this version of the CDK recommends', () => {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
  expect(Object.keys(recommended).length).toBeGreaterThan(50);
  expect(context).toMatchObject(recommended);
});

it('an unknown environment fails with the existing names', () => {
  expect(() => buildApp({ environment: 'qa' })).toThrow(
    `There is no environment "qa"; there are: ${ENVIRONMENT_NAMES.join(', ')}.`,
  );
});
