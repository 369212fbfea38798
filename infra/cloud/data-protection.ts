import { RemovalPolicy } from 'aws-cdk-lib';
import type { Environment } from '../environment.ts';

/** Settings of stateful resources against deletion. */
export type DataProtection = { removalPolicy: RemovalPolicy; deletionProtection: boolean };

/**
 * Returns the settings of an environment. A protected environment retains its stateful resources when its stack is deleted. The rollback of
 * a failed creation still deletes them, because they are empty and the deployment has to be repeatable (source: CloudFormation,
 * "DeletionPolicy attribute", RetainExceptOnCreate). Deletion protection of tables would block that rollback, so the first deployment
 * does without it.
 */
export const dataProtectionOf = ({ isProtected }: Environment, isFirst: boolean): DataProtection => ({
  removalPolicy: isProtected ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
  deletionProtection: isProtected && !isFirst,
});
