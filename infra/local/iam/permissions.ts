import { functionNameOf, type Resource } from '../resource.ts';
import { identityOf } from '../resource-types.ts';
import type { AwsCall } from './call.ts';
import { matches, onlyKnown, type Rule, resourceRules, UnsupportedPolicy } from './policy.ts';
import { type Identity, identitiesOf } from './roles.ts';

/** An action on a resource that the template allows a function. The id consists of all three and is the same in every run. */
export type Grant = { id: string; functionId: string; action: string; resource: string };
/** A grant that cannot be used on a local host, with the reason. */
export type ExcludedGrant = Grant & { because: string };

export type Denial = {
  isAllowed: false;
  principal: string;
  action: string;
  resource: string;
  because: 'no identity allows' | 'an identity denies' | 'a resource denies';
};
/** The decision on a call; if it is allowed, the ids of the grants that allow it. */
export type Decision = { isAllowed: true; grants: string[] } | Denial;

export type Permissions = {
  /** The ids of the functions. All other callers are the host itself or a person. */
  functions: readonly string[];
  /** Decides on a call and records the grants that allowed it. Throws for a function that is not in the template. */
  check(functionId: string, call: DecidedCall): Decision;
  /** The grants that can be used on a local host. */
  grants: readonly Grant[];
  excluded: readonly ExcludedGrant[];
  /** The unused grants and the denied calls so far. */
  grantUse(): GrantUse;
};

/** What a decision depends on. */
type DecidedCall = Pick<AwsCall, 'action' | 'resources' | 'leadingKeys'>;

/** The grants that allowed no call, and the distinct denied calls, such as `status may not dynamodb:PutItem on arn:…`. */
export type GrantUse = { unused: Grant[]; denied: string[] };

/**
 * Evaluates the policies of the template's functions as IAM does: an explicit deny wins, and without an allow a call is denied.
 * Call it after the queues have their URLs.
 *
 * @throws UnsupportedPolicy for a policy with an unsupported element: ignoring it could allow what AWS denies.
 */
export function permissionsOf(resources: readonly Resource[]): Permissions {
  const identities = identitiesOf(resources);
  const denials = denialsOfResources(resources);
  const partitionKeys = partitionKeysOf(resources);
  const all = distinct([...identities.values()].flatMap(grantsOf));
  const exclusionReason = exclusions(resources);
  const excluded = all.flatMap((grant) => {
    const because = exclusionReason(grant);
    return because === undefined ? [] : [{ ...grant, because }];
  });
  const grants = all.filter((grant) => exclusionReason(grant) === undefined);
  const used = new Set<string>();
  const denied = new Set<string>();
  return {
    functions: [...identities.keys()],
    grants,
    excluded,
    grantUse: () => ({ unused: grants.filter(({ id }) => !used.has(id)), denied: [...denied] }),
    check(functionId, call) {
      const identity = identities.get(functionId);
      if (identity === undefined) throw new Error(`There is no function ${functionId}.`);
      const decision = decide(identity, denials, call, partitionKeys);
      if (decision.isAllowed) for (const id of decision.grants) used.add(id);
      else denied.add(`${functionId} may not ${decision.action} on ${decision.resource}`);
      return decision;
    },
  };
}

function decide(
  { functionId, principal, rules }: Identity,
  denials: readonly Rule[],
  { action, resources, leadingKeys }: DecidedCall,
  partitionKeys: ReadonlyMap<string, string>,
): Decision {
  if (resources.length === 0) throw new Error(`${action} without a resource cannot be decided.`);
  const grants = new Set<string>();
  for (const resource of resources) {
    const denial = (because: Denial['because']): Denial => ({
      isAllowed: false,
      principal,
      action,
      resource,
      because,
    });
    const keys = () => leadingKeys?.(partitionKeys.get(resource)!) ?? [];
    const met = rules.filter((rule) => matches(rule, action, resource, keys));
    if (met.some(({ effect }) => effect === 'Deny')) return denial('an identity denies');
    if (denials.some((rule) => matches(rule, action, resource))) return denial('a resource denies');
    if (met.length === 0) return denial('no identity allows');
    for (const rule of met) grants.add(grantId(functionId, rule));
  }
  return { isAllowed: true, grants: [...grants] };
}

/** The types of resource-based policies, and the property of each that names its resources. */
const RESOURCE_POLICIES = { 'AWS::SQS::QueuePolicy': 'Queues', 'AWS::S3::BucketPolicy': 'Bucket' };
/** Properties with resource-based policies that are not supported. */
const UNSUPPORTED_POLICIES: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::Table': 'ResourcePolicy',
  'AWS::Events::EventBus': 'Policy',
};

function denialsOfResources(resources: readonly Resource[]): Rule[] {
  return resources.flatMap((resource) => {
    const where = `${resource.type} ${resource.logicalId}`;
    const unsupported = UNSUPPORTED_POLICIES[resource.type];
    if (unsupported !== undefined && resource.properties()[unsupported] !== undefined) {
      throw new UnsupportedPolicy(`${where} has a policy, which is not supported.`);
    }
    if (!Object.hasOwn(RESOURCE_POLICIES, resource.type)) return [];
    const properties = resource.properties();
    const attachedTo = RESOURCE_POLICIES[resource.type as keyof typeof RESOURCE_POLICIES];
    onlyKnown(properties, ['PolicyDocument', attachedTo], where);
    return resourceRules(properties['PolicyDocument'], where);
  });
}

const grantId = (functionId: string, { action, resource, leadingKeys }: Rule): string =>
  `${functionId} may ${action} on ${leadingKeys === undefined ? '' : `${leadingKeys.join(', ')} of `}${resource}`;

/** The partition key attributes of the tables, by ARN. */
function partitionKeysOf(resources: readonly Resource[]): Map<string, string> {
  const tables = resources.filter(({ type }) => type === 'AWS::DynamoDB::Table');
  return new Map(
    tables.map((table) => {
      const schema = table.properties()['KeySchema'] as { AttributeName: string; KeyType: string }[];
      const { attributes } = identityOf(table, { queueUrl: () => '' });
      return [attributes['Arn']!, schema.find(({ KeyType }) => KeyType === 'HASH')!.AttributeName];
    }),
  );
}

function grantsOf({ functionId, rules }: Identity): Grant[] {
  return rules
    .filter(({ effect }) => effect === 'Allow')
    .map((rule) => ({
      id: grantId(functionId, rule),
      functionId,
      action: rule.action,
      resource: rule.resource,
    }));
}

const distinct = (grants: readonly Grant[]): Grant[] => [
  ...new Map(grants.map((grant) => [grant.id, grant])).values(),
];

/** Actions that CDK grants for an event source mapping and that Lambda's pollers use. The host's pollers only receive and delete. */
const POLLING = ['sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl'];

function exclusions(resources: readonly Resource[]): (grant: Grant) => string | undefined {
  const mappings = resources.filter(({ type }) => type === 'AWS::Lambda::EventSourceMapping');
  const names = new Map(
    resources.filter(({ type }) => type === 'AWS::Lambda::Function').map(({ name, id }) => [name, id]),
  );
  const polled = new Set(
    mappings.map((mapping) => {
      const { FunctionName, EventSourceArn } = mapping.properties();
      return `${names.get(functionNameOf(String(FunctionName)))} ${EventSourceArn}`;
    }),
  );
  return ({ functionId, action, resource }) => {
    if (/^(logs|xray):/.test(action)) return 'Lambda itself writes logs and traces as the function.';
    if (POLLING.includes(action) && polled.has(`${functionId} ${resource}`)) {
      return 'Lambda itself polls the queue as the function.';
    }
    return undefined;
  };
}
