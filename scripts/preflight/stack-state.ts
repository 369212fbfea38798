import { type Environment, stackNameOf } from '../../infra/environment.ts';

type StackFinding = { kind: 'ok' | 'note' | 'to do'; text: string };

/** States of a stack whose creation never succeeded. The CDK CLI deletes and recreates it (source: CloudFormation, "Stack status codes"). */
const NEVER_CREATED = new Set([
  'REVIEW_IN_PROGRESS',
  'ROLLBACK_COMPLETE',
  'ROLLBACK_FAILED',
  'DELETE_COMPLETE',
]);

/** Returns what a stack's status requires before the next deployment. `status` is CloudFormation's, or undefined if there is no stack. */
export function stackFinding(environment: Environment, status: string | undefined): StackFinding {
  const name = stackNameOf(environment);
  const deploy = `npx cdk deploy -c env=${environment.name}`;
  if (status === undefined || NEVER_CREATED.has(status)) {
    const reason = status === undefined ? 'there is none yet' : `its creation failed (${status})`;
    if (!environment.isProtected) return { kind: 'note', text: `${reason}: ${deploy}` };
    return { kind: 'note', text: `${reason}: ${deploy} -c first=true, and when that succeeded ${deploy}` };
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
