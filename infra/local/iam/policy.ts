/** Thrown before the host starts for an unsupported element of a policy: ignoring it could allow what AWS denies. */
export class UnsupportedPolicy extends Error {
  override name = 'UnsupportedPolicy';
}

/**
 * One action on one resource of a statement, both possibly with wildcards. A rule whose conditions are not met has no effect.
 * `leadingKeys`: it applies only to calls whose partition keys are all among these.
 */
export type Rule = { effect: 'Allow' | 'Deny'; action: string; resource: string } & Conditions;
type Conditions = { isMet: boolean; leadingKeys?: readonly string[] };

type Fields = Record<string, unknown>;

const VERSION = '2012-10-17';
const ACTION = /^(\*|[a-z\d-]+:[\w*?]+)$/i;
const ARN_SEGMENTS = 6;

/**
 * The rules of an identity-based policy.
 *
 * @param where the policy's name in error messages
 * @throws UnsupportedPolicy
 */
export function identityRules(document: unknown, where: string): Rule[] {
  return statementsOf(document, where).flatMap((statement) => {
    onlyKnown(statement, ['Sid', 'Effect', 'Action', 'Resource', 'Condition'], where);
    return rulesOf(statement, conditionsIn(statement['Condition'], where), where);
  });
}

/**
 * The rules of a queue's or a bucket's policy that concern functions: denials for everybody. Allowances for AWS services concern no
 * function. All other statements are unsupported.
 *
 * @throws UnsupportedPolicy
 */
export function resourceRules(document: unknown, where: string): Rule[] {
  return statementsOf(document, where).flatMap((statement) => {
    onlyKnown(statement, ['Sid', 'Effect', 'Principal', 'Action', 'Resource', 'Condition'], where);
    const { Effect, Principal, Condition } = statement;
    const [[kind, principal] = [], ...others] = Object.entries(
      Principal === '*' ? { AWS: '*' } : fieldsOf(Principal, where),
    );
    if (Effect === 'Allow' && kind === 'Service' && others.length === 0) {
      onlyServiceConditions(Condition, where);
      return [];
    }
    if (Effect !== 'Deny' || others.length > 0 || kind !== 'AWS' || principal !== '*') {
      throw new UnsupportedPolicy(`${where} has an unsupported principal: ${JSON.stringify(Principal)}.`);
    }
    const rules = rulesOf(statement, conditionsIn(Condition, where), where);
    if (rules.some(({ resource }) => resource === '*')) {
      throw new UnsupportedPolicy(`${where} concerns every resource, not only its own.`);
    }
    return rules;
  });
}

/**
 * Whether a rule applies to an action on a resource. Actions are compared without regard to case.
 *
 * @param leadingKeys returns the partition keys of the call
 */
export function matches(
  rule: Rule,
  action: string,
  resource: string,
  leadingKeys: () => readonly string[] = () => [],
): boolean {
  const isNamed =
    rule.isMet && matchesPattern(rule.action, action, 'i') && matchesArn(rule.resource, resource);
  // ForAllValues is true for a call without the key (source: IAM, "Multivalued context keys").
  return (
    isNamed &&
    (rule.leadingKeys === undefined || leadingKeys().every((key) => rule.leadingKeys!.includes(key)))
  );
}

function matchesPattern(pattern: string, text: string, flags = ''): boolean {
  const source = pattern
    .replace(/[\\^$.+()|[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, `s${flags}`).test(text);
}

/** A wildcard matches within one segment of an ARN only. The last segment is everything after the fifth colon. */
function matchesArn(pattern: string, arn: string): boolean {
  if (pattern === '*') return true;
  const segments = segmentsOf(arn);
  return segmentsOf(pattern).every((part, index) => matchesPattern(part, segments[index] ?? ''));
}

function segmentsOf(arn: string): string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, ARN_SEGMENTS - 1), parts.slice(ARN_SEGMENTS - 1).join(':')];
}

function statementsOf(document: unknown, where: string): Fields[] {
  const fields = fieldsOf(document, where);
  onlyKnown(fields, ['Version', 'Statement'], where);
  // Older versions treat policy variables differently.
  if (fields['Version'] !== VERSION) throw new UnsupportedPolicy(`${where} is not of version ${VERSION}.`);
  const statements = listOf(fields['Statement']);
  if (statements.length === 0) throw new UnsupportedPolicy(`${where} has no statement.`);
  return statements.map((statement) => fieldsOf(statement, where));
}

function rulesOf({ Effect, Action, Resource }: Fields, conditions: Conditions, where: string): Rule[] {
  if (Effect !== 'Allow' && Effect !== 'Deny') {
    throw new UnsupportedPolicy(`${where} has the effect ${JSON.stringify(Effect)}.`);
  }
  const actions = texts(Action, (action) => ACTION.test(action), `${where}: Action`);
  const resources = texts(Resource, isResource, `${where}: Resource`);
  return actions.flatMap((action) =>
    resources.map((resource) => ({ effect: Effect, action, resource, ...conditions })),
  );
}

/** Policy variables are not supported. IAM requires a service's full name, without wildcards. */
function isResource(resource: string): boolean {
  if (resource === '*') return true;
  const [arn, , service, ...rest] = segmentsOf(resource);
  const isArn = arn === 'arn' && rest.length === 3 && rest.at(-1) !== '' && /^[a-z\d-]+$/.test(service ?? '');
  return isArn && !resource.includes('${');
}

function texts(value: unknown, isKnown: (text: string) => boolean, what: string): string[] {
  const values = listOf(value);
  if (values.length === 0) throw new UnsupportedPolicy(`${what} is missing.`);
  for (const each of values) {
    if (typeof each !== 'string' || !isKnown(each)) {
      throw new UnsupportedPolicy(`${what} ${JSON.stringify(each)} is not supported.`);
    }
  }
  return values as string[];
}

/** Condition keys with the same value for every call. A connection to the emulators counts as secure: it stays on the machine. */
const BOOLEANS: Readonly<Record<string, boolean>> = { 'aws:SecureTransport': true };

function conditionsIn(condition: unknown, where: string): Conditions {
  const found: Conditions = { isMet: true };
  for (const { operator, key, value } of conditionsOf(condition, where)) {
    const unsupported = `${where} has the condition ${operator} ${key} ${JSON.stringify(value)}.`;
    if (operator === 'ForAllValues:StringEquals' && key === 'dynamodb:LeadingKeys') {
      const keys = listOf(value);
      if (keys.some((each) => typeof each !== 'string')) throw new UnsupportedPolicy(unsupported);
      found.leadingKeys = keys as string[];
      continue;
    }
    const known = operator === 'Bool' && Object.hasOwn(BOOLEANS, key) ? BOOLEANS[key] : undefined;
    if (known === undefined || !['true', 'false'].includes(String(value)))
      throw new UnsupportedPolicy(unsupported);
    found.isMet &&= String(value) === String(known);
  }
  return found;
}

/** Conditions that the host's own deliveries always meet: they come from this account and the template's resources. */
const SERVICE_CONDITIONS = [
  'StringEquals aws:SourceAccount',
  'ArnEquals aws:SourceArn',
  'ArnLike aws:SourceArn',
];

function onlyServiceConditions(condition: unknown, where: string): void {
  for (const { operator, key } of conditionsOf(condition, where)) {
    if (!SERVICE_CONDITIONS.includes(`${operator} ${key}`)) {
      throw new UnsupportedPolicy(`${where} has the condition ${operator} ${key}.`);
    }
  }
}

function conditionsOf(
  condition: unknown,
  where: string,
): { operator: string; key: string; value: unknown }[] {
  if (condition === undefined) return [];
  return Object.entries(fieldsOf(condition, where)).flatMap(([operator, keys]) =>
    Object.entries(fieldsOf(keys, where)).map(([key, value]) => ({ operator, key, value })),
  );
}

/** @throws UnsupportedPolicy for any field that is not in `names`. */
export function onlyKnown(fields: Fields, names: readonly string[], where: string): void {
  const unknown = Object.keys(fields).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new UnsupportedPolicy(`${where} has ${unknown}, which is not supported.`);
}

const listOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

function fieldsOf(value: unknown, where: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new UnsupportedPolicy(`${where} has ${JSON.stringify(value)} where an object is expected.`);
}
