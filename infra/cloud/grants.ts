import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';

/** Lets a function do these things with a table's items, such as `GetItem`. CDK's own `grant` would allow them on its indexes, too. */
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

/** Lets a function query these indexes of a table, and not the table itself. */
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
