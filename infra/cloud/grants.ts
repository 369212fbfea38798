import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { REGISTRY_KINDS, type RegistryKind } from '../../shared/suppliers/registry-kinds.ts';

/** Grants DynamoDB actions, such as `GetItem`, on a table without its indexes. CDK's own `grant` includes the indexes. */
export function grantItems(
  { tableArn }: Pick<ITable, 'tableArn'>,
  grantee: IGrantable,
  ...actions: string[]
): void {
  Grant.addToPrincipal({
    grantee,
    actions: actions.map((action) => `dynamodb:${action}`),
    resourceArns: [tableArn],
  });
}

/**
 * Grants DynamoDB actions on items of these kinds in the registry: on items with these partition keys (source: DynamoDB guide, "Using IAM policy
 * conditions for fine-grained access control"). Requests with a key always have `dynamodb:LeadingKeys`. Scans do not: never grant them.
 */
export function grantKinds(
  { tableArn }: Pick<ITable, 'tableArn'>,
  grantee: IGrantable,
  kinds: readonly RegistryKind[],
  ...actions: ('GetItem' | 'PutItem' | 'UpdateItem' | 'Query')[]
): void {
  Grant.addToPrincipal({
    grantee,
    actions: actions.map((action) => `dynamodb:${action}`),
    resourceArns: [tableArn],
    conditions: {
      'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': kinds.map((kind) => REGISTRY_KINDS[kind]) },
    },
  });
}

/** Grants queries of these indexes, without the table itself. */
export function grantQuery(
  { tableArn }: Pick<ITable, 'tableArn'>,
  grantee: IGrantable,
  ...indexes: string[]
): void {
  Grant.addToPrincipal({
    grantee,
    actions: ['dynamodb:Query'],
    resourceArns: indexes.map((index) => `${tableArn}/index/${index}`),
  });
}
