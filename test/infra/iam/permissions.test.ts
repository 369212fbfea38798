import { describe, expect, it } from 'vitest';
import { type Permissions, permissionsOf } from '../../../infra/local/iam/permissions.ts';
import { UnsupportedPolicy } from '../../../infra/local/iam/policy.ts';
import { ACCOUNT, functionNameOf, REGION } from '../../../infra/local/resource.ts';
import { identityOf } from '../../../infra/local/resource-types.ts';
import { changed, devResources } from './template.ts';

const resources = devResources();
const arnOf = (id: string): string => {
  const resource = resources.find((each) => each.id === id && /Table$|Queue$|Bucket$/.test(each.type))!;
  return identityOf(resource, { queueUrl: () => '' }).attributes['Arn']!;
};
const isAllowed = (permissions: Permissions, functionId: string, action: string, ...on: string[]) =>
  permissions.check(functionId, { action, resources: on }).isAllowed;

describe('the permissions of the template’s functions', () => {
  const permissions = permissionsOf(resources);

  it.each([
    ['status', 'dynamodb:GetItem', 'import-processes', true],
    ['status', 'dynamodb:PutItem', 'import-processes', false],
    ['status', 'dynamodb:GetItem', 'registry', false],
    ['create', 'dynamodb:PutItem', 'import-processes', true],
    ['create', 'sqs:SendMessage', 'imports', true],
    ['create', 'sqs:SendMessage', 'bulk-imports', false],
    ['create', 'sqs:ReceiveMessage', 'imports', false],
    ['worker', 'sqs:ReceiveMessage', 'imports', true],
    ['worker', 'dynamodb:PutItem', 'supply-points', true],
    ['worker', 'dynamodb:DeleteItem', 'supply-points', false],
    ['authorizer', 'dynamodb:GetItem', 'registry', true],
  ])('%s, %s on %s: %s', (functionId, action, id, is) => {
    expect(isAllowed(permissions, functionId, action, arnOf(id))).toBe(is);
  });

  it.each([
    ['authorizer', 'GetItem', 'tokens', true],
    ['authorizer', 'UpdateItem', 'tokens', true],
    ['authorizer', 'PutItem', 'tokens', false],
    ['authorizer', 'UpdateItem', 'import-suppliers', false],
    ['admin-tokens', 'PutItem', 'tokens', true],
    ['admin-tokens', 'UpdateItem', 'import-suppliers', false],
    ['admin-suppliers', 'UpdateItem', 'import-suppliers', true],
    ['admin-suppliers', 'UpdateItem', 'tokens', false],
    ['scenarios', 'UpdateItem', 'import-suppliers', true],
    ['scenarios', 'GetItem', 'tokens', false],
    ['erase', 'PutItem', 'erasures', true],
    ['erase', 'PutItem', 'tokens', false],
    ['counts', 'PutItem', 'counts', true],
    ['counts', 'PutItem', 'import-suppliers', false],
    ['worker', 'GetItem', 'import-suppliers', true],
    ['worker', 'GetItem', 'tokens', false],
    ['sweeper', 'Query', 'tokens', false],
  ])('%s, %s of %s in the registry: %s', (functionId, action, kind, is) => {
    const call = {
      action: `dynamodb:${action}`,
      resources: [arnOf('registry')],
      leadingKeys: (attribute: string) => (attribute === 'kind' ? [kind] : ['not the partition key']),
    };
    expect(permissions.check(functionId, call).isAllowed).toBe(is);
  });

  it('allow a query of an index only with a grant on the index', () => {
    const due = `${arnOf('import-processes')}/index/due`;
    expect(isAllowed(permissions, 'sweeper', 'dynamodb:Query', due)).toBe(true);
    expect(isAllowed(permissions, 'status', 'dynamodb:Query', due)).toBe(false);
  });

  it('require a grant on every resource of a call', () => {
    const both = [arnOf('supply-points'), arnOf('registry')];
    expect(isAllowed(permissions, 'worker', 'dynamodb:GetItem', ...both)).toBe(true);
    const one = permissions.check('worker', { action: 'dynamodb:PutItem', resources: both });
    expect(one).toMatchObject({ isAllowed: false, resource: both[1], because: 'no identity allows' });
  });

  it.each(['validate', 'fallback', 'home', 'health'])(
    '%s has no permissions except those that Lambda uses',
    (functionId) => {
      const own = permissions.grants.filter((grant) => grant.functionId === functionId);
      expect(own).toEqual([]);
      for (const id of ['import-processes', 'supply-points', 'registry']) {
        expect(isAllowed(permissions, functionId, 'dynamodb:GetItem', arnOf(id))).toBe(false);
      }
    },
  );

  it('are undefined for unknown functions and for calls without a resource', () => {
    expect(permissions.functions).toContain('worker');
    const call = { action: 'dynamodb:GetItem', resources: [arnOf('registry')] };
    expect(() => permissions.check('host', call)).toThrow('There is no function host.');
    expect(() => permissions.check('worker', { ...call, resources: [] })).toThrow('without a resource');
  });

  it('deny a call after its only grant is removed', () => {
    expect(permissions.grants.length).toBeGreaterThan(20);
    for (const { functionId, action, resource } of [...permissions.grants, ...permissions.excluded]) {
      const call = { action: concrete(action), resources: [concrete(resource)] };
      expect(permissions.check(functionId, call)).toMatchObject({ isAllowed: true });
      if (resource === '*') continue; // an AWS managed policy, which is not in the template
      const without = permissionsOf(withoutGrant(functionId, action, resource));
      expect(without.check(functionId, call)).toMatchObject({
        isAllowed: false,
        because: 'no identity allows',
      });
    }
  });
});

/** A string that a pattern matches. */
const concrete = (pattern: string): string => pattern.replaceAll('*', 'Any').replaceAll('?', 'x');

type Statement = { Action: string | string[]; Resource: string | string[] };
type Document = { Version: string; Statement: Statement[] };

/** The template without one pair of an action and a resource in the policies of one function's role. */
function withoutGrant(functionId: string, action: string, resource: string) {
  const all = devResources();
  const hosted = all.find(({ type, id }) => type === 'AWS::Lambda::Function' && id === functionId)!;
  const role = String(hosted.properties()['Role']).split('/').at(-1);
  return changed(all, 'AWS::IAM::Policy', (properties) => {
    if (!(properties['Roles'] as string[]).includes(role!)) return properties;
    const { Version, Statement } = properties['PolicyDocument'] as Document;
    const pairs = Statement.flatMap((statement) =>
      [statement.Action]
        .flat()
        .flatMap((Action) =>
          [statement.Resource].flat().map((Resource) => ({ ...statement, Action, Resource })),
        ),
    );
    const left = pairs.filter(({ Action, Resource }) => Action !== action || Resource !== resource);
    expect(left.length).toBeLessThan(pairs.length);
    const nothing = { ...pairs[0]!, Action: 'none:Nothing' };
    return { ...properties, PolicyDocument: { Version, Statement: left.length > 0 ? left : [nothing] } };
  });
}

describe('the use of grants', () => {
  it('is recorded by id, for allowed calls only', () => {
    const permissions = permissionsOf(resources);
    const all = permissions.grantUse().unused.map(({ id }) => id);
    expect(all).toEqual(permissions.grants.map(({ id }) => id));
    const grant = `status may dynamodb:GetItem on ${arnOf('import-processes')}`;
    expect(all).toContain(grant);

    const refused = { action: 'dynamodb:GetItem', resources: [arnOf('import-processes'), arnOf('registry')] };
    permissions.check('status', refused);
    expect(permissions.grantUse().unused).toHaveLength(all.length);
    const denial = `status may not dynamodb:GetItem on ${arnOf('registry')}`;
    expect(permissions.grantUse().denied).toEqual([denial]);
    const call = { action: 'dynamodb:GetItem', resources: [arnOf('import-processes')] };
    expect(permissions.check('status', call)).toEqual({ isAllowed: true, grants: [grant] });
    expect(permissions.grantUse().unused.map(({ id }) => id)).toEqual(all.filter((id) => id !== grant));
    expect(permissionsOf(resources).grantUse().unused).toHaveLength(all.length);
  });

  it('excludes grants that only Lambda itself uses, with the reason', () => {
    const { excluded, grants } = permissionsOf(resources);
    expect(excluded.every(({ action }) => /^(logs|xray|sqs):/.test(action))).toBe(true);
    expect(excluded.every(({ because }) => because.startsWith('Lambda itself '))).toBe(true);
    const sending = `create may sqs:SendMessage on ${arnOf('imports')}`;
    expect(grants.map(({ id }) => id)).toContain(sending);
    const polling = `worker may sqs:GetQueueUrl on ${arnOf('imports')}`;
    expect(excluded.map(({ id }) => id)).toContain(polling);
  });

  it('excludes exactly the grants for logs, traces and polled queues', () => {
    const { excluded, functions } = permissionsOf(resources);
    const logGroups = new Map(
      resources
        .filter(({ type }) => type === 'AWS::Lambda::Function')
        .map((hosted) => {
          const { LogGroup } = hosted.properties()['LoggingConfig'] as { LogGroup: string };
          return [hosted.id, `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${LogGroup}:*`];
        }),
    );
    const logsAndTraces = functions.flatMap((id) => [
      ...['logs:CreateLogStream', 'logs:PutLogEvents'].map(
        (action) => `${id} may ${action} on ${logGroups.get(id)}`,
      ),
      ...['xray:PutTelemetryRecords', 'xray:PutTraceSegments'].map((action) => `${id} may ${action} on *`),
    ]);
    const polling = resources
      .filter(({ type }) => type === 'AWS::Lambda::EventSourceMapping')
      .flatMap((mapping) => {
        const { FunctionName, EventSourceArn } = mapping.properties();
        const { id } = resources.find(
          ({ type, name }) =>
            type === 'AWS::Lambda::Function' && name === functionNameOf(String(FunctionName)),
        )!;
        return ['sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl'].map(
          (action) => `${id} may ${action} on ${EventSourceArn}`,
        );
      });
    expect(polling.length).toBeGreaterThanOrEqual(6 * 3);
    expect(excluded.map(({ id }) => id).sort()).toEqual([...logsAndTraces, ...polling].sort());
  });
});

describe('an explicit deny', () => {
  const call = { action: 'dynamodb:GetItem', resources: [arnOf('registry')] };
  const denied = { ...call, Effect: 'Deny', Action: 'dynamodb:Get*', Resource: '*' };
  const { Effect, Action, Resource } = denied;

  it('of a role’s policy takes precedence over an allow', () => {
    const permissions = permissionsOf(
      changed(resources, 'AWS::IAM::Role', (properties) => ({
        ...properties,
        Policies: [
          {
            PolicyName: 'no',
            PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect, Action, Resource }] },
          },
        ],
      })),
    );
    expect(permissions.check('worker', call)).toMatchObject({
      isAllowed: false,
      because: 'an identity denies',
    });
  });

  it('of a queue’s policy takes precedence over an allow', () => {
    const permissions = permissionsOf(
      changed(resources, 'AWS::SQS::QueuePolicy', (properties) => {
        const { Statement } = properties['PolicyDocument'] as { Statement: object[] };
        const always = Statement.map((statement) => ({ ...statement, Condition: {} }));
        return { ...properties, PolicyDocument: { Version: '2012-10-17', Statement: always } };
      }),
    );
    const sending = { action: 'sqs:SendMessage', resources: [arnOf('imports')] };
    expect(permissions.check('create', sending)).toMatchObject({
      isAllowed: false,
      because: 'a resource denies',
    });
  });
});

describe('the host rejects a template with', () => {
  it.each<[string, string, Record<string, unknown>]>([
    ['a permissions boundary', 'AWS::IAM::Role', { PermissionsBoundary: 'arn:aws:iam::aws:policy/A' }],
    ['a managed policy', 'AWS::IAM::Role', { ManagedPolicyArns: ['arn:aws:iam::aws:policy/A'] }],
    ['an inline policy', 'AWS::IAM::Role', { Policies: [{ PolicyName: 'a', PolicyDocument: {} }] }],
    ['a policy for users', 'AWS::IAM::Policy', { Users: ['somebody'] }],
    [
      'a role from outside the template',
      'AWS::Lambda::Function',
      { Role: 'arn:aws:iam::000000000000:role/a' },
    ],
    ['a policy on a table', 'AWS::DynamoDB::Table', { ResourcePolicy: {} }],
    ['another field of a queue’s policy', 'AWS::SQS::QueuePolicy', { Other: 1 }],
  ])('%s', (_, type, added) => {
    const other = changed(resources, type, (properties) => ({ ...properties, ...added }));
    expect(() => permissionsOf(other)).toThrow(UnsupportedPolicy);
  });

  it('two roles with the same name', () => {
    const role = resources.find(({ type }) => type === 'AWS::IAM::Role')!;
    expect(() => permissionsOf([...resources, role])).toThrow(UnsupportedPolicy);
  });
});
