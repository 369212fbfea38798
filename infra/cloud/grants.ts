import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';

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
