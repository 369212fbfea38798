import { ACCOUNT, type Resource } from '../resource.ts';
import { identityOf } from '../resource-types.ts';
import { identityRules, onlyKnown, type Rule, UnsupportedPolicy } from './policy.ts';

/** A function's identity when it calls AWS, with the rules of its role's policies. */
export type Identity = { functionId: string; principal: string; rules: Rule[] };

/** AWS managed policies. Source: the AWS Managed Policy Reference. */
const MANAGED_POLICIES: Readonly<Record<string, unknown>> = {
  'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole': {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: '*',
    },
  },
};

type Properties = Record<string, unknown>;

/**
 * The identities of the template's functions, by their ids.
 *
 * @throws UnsupportedPolicy
 */
export function identitiesOf(resources: readonly Resource[]): Map<string, Identity> {
  const of = (type: string) => resources.filter((resource) => resource.type === type);
  const roles = rolesByArn(of('AWS::IAM::Role'));
  const attached = attachedRules(of('AWS::IAM::Policy'));
  const functions = of('AWS::Lambda::Function').map((hosted): [string, Identity] => {
    const role = roles.get(String(hosted.properties()['Role']));
    if (role === undefined) throw new UnsupportedPolicy(`The role of ${hosted.id} is not in the template.`);
    const principal = `arn:aws:sts::${ACCOUNT}:assumed-role/${role.name}/${hosted.name}`;
    const rules = [...ownRules(role.resource), ...(attached.get(role.name) ?? [])];
    return [hosted.id, { functionId: hosted.id, principal, rules }];
  });
  const identities = new Map(functions);
  if (identities.size < functions.length) throw new UnsupportedPolicy('Two functions have the same id.');
  return identities;
}

type Role = { name: string; resource: Resource };

function rolesByArn(resources: readonly Resource[]): Map<string, Role> {
  const roles = new Map<string, Role>();
  for (const resource of resources) {
    const { ref, attributes } = identityOf(resource, { queueUrl: () => '' });
    const arn = attributes['Arn']!;
    // Roles with the same name would share their grants.
    if (roles.has(arn)) throw new UnsupportedPolicy(`Two roles of the template have the name ${ref}.`);
    roles.set(arn, { name: ref, resource });
  }
  return roles;
}

/** The rules of a role's inline and managed policies. */
function ownRules(resource: Resource): Rule[] {
  const where = `The role ${resource.logicalId}`;
  const properties = resource.properties();
  // A permissions boundary, which removes permissions, is not supported.
  const known = ['AssumeRolePolicyDocument', 'ManagedPolicyArns', 'Policies', 'Description', 'Tags'];
  onlyKnown(properties, known, where);
  const { ManagedPolicyArns = [], Policies = [] } = properties as {
    ManagedPolicyArns?: string[];
    Policies?: Properties[];
  };
  const managed = ManagedPolicyArns.map((arn) => {
    if (Object.hasOwn(MANAGED_POLICIES, arn)) return MANAGED_POLICIES[arn];
    throw new UnsupportedPolicy(`${where} has the managed policy ${arn}, which is not supported.`);
  });
  const inline = Policies.map((policy) => {
    onlyKnown(policy, ['PolicyDocument', 'PolicyName'], where);
    return policy['PolicyDocument'];
  });
  return [...managed, ...inline].flatMap((document) => identityRules(document, where));
}

/** The rules of AWS::IAM::Policy resources by role name. */
function attachedRules(resources: readonly Resource[]): Map<string, Rule[]> {
  const rules = new Map<string, Rule[]>();
  for (const resource of resources) {
    const where = `The policy ${resource.logicalId}`;
    const properties = resource.properties();
    // Policies of users and groups are not supported: no function is one.
    onlyKnown(properties, ['PolicyDocument', 'PolicyName', 'Roles'], where);
    for (const role of properties['Roles'] as string[]) {
      rules.set(role, [...(rules.get(role) ?? []), ...identityRules(properties['PolicyDocument'], where)]);
    }
  }
  return rules;
}
