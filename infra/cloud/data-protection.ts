import { RemovalPolicy } from 'aws-cdk-lib';
import type { Environment } from '../environment.ts';

/** How an environment keeps its data. */
export type DataProtection = { removalPolicy: RemovalPolicy; deletionProtection: boolean };

/**
 * A protected environment keeps what holds data, also when its stack is deleted. What a failed deployment has only just created is
 * empty, and the rollback deletes it, so that the deployment can be repeated (source: CloudFormation, "DeletionPolicy attribute",
 * RetainExceptOnCreate). DynamoDB refuses that for tables with deletion protection, which therefore begins with the second deployment.
 */
export const dataProtectionOf = ({ isProtected }: Environment, isFirst: boolean): DataProtection => ({
  removalPolicy: isProtected ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
  deletionProtection: isProtected && !isFirst,
});
