import { type Environment, stackNameOf } from '../../infra/environment.ts';

type StackFinding = { kind: 'ok' | 'note' | 'to do'; text: string };

/** States in which the stack has never been whole: the CDK CLI deletes it, and creates it anew (source: CloudFormation, "Stack status codes"). */
const NEVER_CREATED = new Set([
  'REVIEW_IN_PROGRESS',
  'ROLLBACK_COMPLETE',
  'ROLLBACK_FAILED',
  'DELETE_COMPLETE',
]);

/** What a stack's state means for the next deployment. `status` is CloudFormation's; undefined where there is no stack. */
export function stackFinding(environment: Environment, status: string | undefined): StackFinding {
  const name = stackNameOf(environment);
  const deploy = `npx cdk deploy -c env=${environment.name}`;
  if (status === undefined || NEVER_CREATED.has(status)) {
    const said = status === undefined ? 'there is none yet' : `its creation failed (${status})`;
    if (!environment.isProtected) return { kind: 'note', text: `${said}: ${deploy}` };
    return { kind: 'note', text: `${said}: ${deploy} -c first=true, and when that succeeded ${deploy}` };
  }
  if (status === 'UPDATE_ROLLBACK_FAILED') {
    return {
      kind: 'to do',
      text: `${status}: mend what its events name, then aws cloudformation continue-update-rollback --stack-name ${name}`,
    };
  }
  if (status === 'DELETE_FAILED') {
    return { kind: 'to do', text: `${status}: aws cloudformation delete-stack --stack-name ${name}` };
  }
  if (status.endsWith('_IN_PROGRESS')) return { kind: 'to do', text: `${status}: wait until it has ended.` };
  return { kind: 'ok', text: status };
}
