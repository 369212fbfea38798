import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identityRules, matches, resourceRules, UnsupportedPolicy } from '../../../infra/local/iam/policy.ts';

const TABLE = 'arn:aws:dynamodb:ap-southeast-2:000000000000:table/imports';
const allow = { Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: TABLE };
const policy = (...Statement: unknown[]) => ({ Version: '2012-10-17', Statement });

describe('a statement', () => {
  const rows: [action: string, resource: string, asked: string, of: string, is: boolean][] = [
    ['dynamodb:GetItem', TABLE, 'dynamodb:GetItem', TABLE, true],
    ['DynamoDB:getitem', TABLE, 'dynamodb:GetItem', TABLE, true],
    ['dynamodb:Get*', TABLE, 'dynamodb:GetItem', TABLE, true],
    ['dynamodb:*', TABLE, 'dynamodb:GetItem', TABLE, true],
    ['*', '*', 'dynamodb:GetItem', TABLE, true],
    ['dynamodb:GetIte?', TABLE, 'dynamodb:GetItem', TABLE, true],
    ['dynamodb:GetItem?', TABLE, 'dynamodb:GetItem', TABLE, false],
    ['dynamodb:Item', TABLE, 'dynamodb:GetItem', TABLE, false],
    ['dynamodb:GetItem', TABLE, 'dynamodb:BatchGetItem', TABLE, false],
    ['s3:*', '*', 'dynamodb:GetItem', TABLE, false],
    ['dynamodb:GetItem', TABLE, 'dynamodb:GetItem', `${TABLE}/index/due`, false],
    ['dynamodb:Query', `${TABLE}/index/*`, 'dynamodb:Query', `${TABLE}/index/due`, true],
    ['dynamodb:Query', `${TABLE}/index/*`, 'dynamodb:Query', TABLE, false],
    [
      'dynamodb:GetItem',
      TABLE.toUpperCase().replace('ARN:AWS:DYNAMODB', 'arn:aws:dynamodb'),
      'dynamodb:GetItem',
      TABLE,
      false,
    ],
    ['dynamodb:GetItem', 'arn:aws:dynamodb:*:*:table/imports', 'dynamodb:GetItem', TABLE, true],
    ['dynamodb:GetItem', 'arn:aws:dynamodb:*::table/imports', 'dynamodb:GetItem', TABLE, false],
    ['s3:GetObject', 'arn:aws:s3:::drops/drops/*', 's3:GetObject', 'arn:aws:s3:::drops/drops/A/b:c.gz', true],
    ['s3:GetObject', 'arn:aws:s3:::drops/drops/*', 's3:GetObject', 'arn:aws:s3:::drops/parts/a', false],
    ['s3:GetObject', 'arn:aws:s3:::drops/drops/*', 's3:GetObject', 'arn:aws:s3:::other/drops/drops/a', false],
    ['s3:GetObject', 'arn:aws:s3:::drops/?.txt', 's3:GetObject', 'arn:aws:s3:::drops/a.txt', true],
    ['s3:GetObject', 'arn:aws:s3:::drops/a.txt', 's3:GetObject', 'arn:aws:s3:::drops/a-txt', false],
    ['s3:GetObject', 'arn:aws:s3:::drops/*', 's3:GetObject', 'arn:aws:s3:::drops/a\nb', true],
  ];

  it.each(rows)('for %s on %s, requested %s on %s: %s', (Action, Resource, action, resource, is) => {
    const [rule] = identityRules(policy({ Effect: 'Allow', Action, Resource }), 'It');
    expect(matches(rule!, action, resource)).toBe(is);
  });

  it('matches exactly the resource that it names', () => {
    const name = fc.string({ unit: 'grapheme-ascii', minLength: 1 }).filter((text) => !/[*?$]/.test(text));
    fc.assert(
      fc.property(name, name, (one, other) => {
        const Resource = `arn:aws:s3:::drops/${one}`;
        const [rule] = identityRules(policy({ Effect: 'Allow', Action: 's3:GetObject', Resource }), 'It');
        expect(matches(rule!, 's3:GetObject', Resource)).toBe(true);
        expect(matches(rule!, 's3:GetObject', `arn:aws:s3:::drops/${other}`)).toBe(one === other);
      }),
    );
  });

  it('with lists has a rule for every pair of action and resource', () => {
    const lists = { Effect: 'Deny', Action: ['s3:GetObject', 's3:PutObject'], Resource: ['*', TABLE] };
    expect(identityRules(policy(lists), 'It')).toHaveLength(4);
    expect(identityRules({ Version: '2012-10-17', Statement: allow }, 'It')).toHaveLength(1);
  });

  it.each([
    [{ Bool: { 'aws:SecureTransport': 'true' } }, true],
    [{ Bool: { 'aws:SecureTransport': false } }, false],
    [{ Bool: { 'aws:SecureTransport': 'false' } }, false],
    [{}, true],
  ])('with the condition %j is met: %s', (Condition, isMet) => {
    const [rule] = identityRules(policy({ ...allow, Condition }), 'It');
    expect(matches(rule!, 'dynamodb:GetItem', TABLE)).toBe(isMet);
  });
});

describe('a statement about partition keys', () => {
  const Condition = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['a', 'b'] } };
  const [rule] = identityRules(policy({ ...allow, Condition }), 'It');

  it.each([
    [['a'], true],
    [['b', 'a'], true],
    [['a', 'c'], false],
    [['A'], false],
    // A call without keys, such as a scan.
    [[], true],
  ])('for a and b, requested %j: %s', (keys, is) => {
    expect(matches(rule!, 'dynamodb:GetItem', TABLE, () => keys)).toBe(is);
    expect(matches(rule!, 'dynamodb:PutItem', TABLE, () => keys)).toBe(false);
  });
});

describe('an unsupported element is rejected', () => {
  it.each<[string, unknown]>([
    ['another version', { ...policy(allow), Version: '2008-10-17' }],
    ['no version', { Statement: [allow] }],
    ['no statement', policy()],
    ['a statement that is not an object', policy('Allow')],
    ['no document', undefined],
    ['another field', { ...policy(allow), Id: 'a' }],
    ['an unknown effect', policy({ ...allow, Effect: 'allow' })],
    ['NotAction', policy({ ...allow, Action: undefined, NotAction: 's3:*' })],
    ['NotAction besides', policy({ ...allow, NotAction: 's3:*' })],
    ['NotResource', policy({ Effect: 'Allow', Action: 's3:*', NotResource: TABLE })],
    ['a principal', policy({ ...allow, Principal: '*' })],
    ['no action', policy({ Effect: 'Allow', Resource: '*' })],
    ['no resource', policy({ Effect: 'Allow', Action: '*' })],
    ['an action without a service', policy({ ...allow, Action: 'GetItem' })],
    ['a wildcard for services', policy({ ...allow, Action: '*:GetItem' })],
    ['an action that is not a string', policy({ ...allow, Action: [1] })],
    ['a resource that is not an ARN', policy({ ...allow, Resource: 'imports' })],
    ['an ARN that is too short', policy({ ...allow, Resource: 'arn:aws:s3' })],
    ['an ARN without a resource', policy({ ...allow, Resource: 'arn:aws:s3:::' })],
    ['a wildcard for a service in an ARN', policy({ ...allow, Resource: 'arn:aws:*:::a' })],
    ['a wildcard at the beginning of an ARN', policy({ ...allow, Resource: '*:table/imports' })],
    ['a policy variable', policy({ ...allow, Resource: 'arn:aws:s3:::a/$' + '{aws:username}' })],
    [
      'an unknown operator',
      policy({ ...allow, Condition: { StringLike: { 'aws:SecureTransport': 'true' } } }),
    ],
    ['an unknown key', policy({ ...allow, Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } })],
    ['an unknown value', policy({ ...allow, Condition: { Bool: { 'aws:SecureTransport': 'yes' } } })],
    [
      'partition keys without ForAllValues',
      policy({ ...allow, Condition: { StringEquals: { 'dynamodb:LeadingKeys': 'a' } } }),
    ],
    [
      'partition keys that are not text',
      policy({ ...allow, Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [1] } } }),
    ],
    ['a condition that is not an object', policy({ ...allow, Condition: 'true' })],
    ['a condition without keys', policy({ ...allow, Condition: { Bool: 'true' } })],
  ])('in a role’s policy: %s', (_, document) => {
    expect(() => identityRules(policy(allow), 'It')).not.toThrow();
    expect(() => identityRules(document, 'It')).toThrow(UnsupportedPolicy);
  });

  const insecure = { Bool: { 'aws:SecureTransport': 'false' } };
  const deny = { Effect: 'Deny', Principal: { AWS: '*' }, Action: 'sqs:*', Resource: TABLE };
  const service = { ...deny, Effect: 'Allow', Principal: { Service: 's3.amazonaws.com' } };
  it.each<[string, unknown]>([
    ['an allow for everybody', { ...deny, Effect: 'Allow' }],
    ['a deny for one principal', { ...deny, Principal: { AWS: 'arn:aws:iam::000000000000:root' } }],
    ['a deny for a service', { ...service, Effect: 'Deny' }],
    ['an allow for a service and others', { ...service, Principal: { ...service.Principal, AWS: '*' } }],
    ['no principal', { ...deny, Principal: undefined }],
    ['an empty principal', { ...deny, Principal: {} }],
    ['NotPrincipal', { ...deny, NotPrincipal: { AWS: '*' } }],
    ['a deny on every resource', { ...deny, Resource: '*' }],
    ['an unknown condition', { ...deny, Condition: { StringEquals: { 'aws:SourceAccount': '1' } } }],
    ['an unknown condition for a service', { ...service, Condition: insecure }],
  ])('in a resource’s policy: %s', (_, statement) => {
    expect(() => resourceRules(policy(deny, service), 'It')).not.toThrow();
    expect(() => resourceRules(policy(statement), 'It')).toThrow(UnsupportedPolicy);
  });

  it('accepts a queue’s deny for insecure connections, which never applies to the emulators', () => {
    const [rule] = resourceRules(policy({ ...deny, Condition: insecure }), 'It');
    expect(matches(rule!, 'sqs:SendMessage', TABLE)).toBe(false);
  });

  it('ignores a queue’s allow for a service', () => {
    const Condition = { StringEquals: { 'aws:SourceAccount': '000000000000' } };
    expect(resourceRules(policy({ ...service, Condition }), 'It')).toEqual([]);
  });
});
