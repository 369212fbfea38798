import { accessKeyIdOf } from '../access/credentials.ts';
import type { Resource } from '../resource.ts';
import { callerOf, readCall } from './call.ts';
import { type DenialResponse, denialResponse } from './denial.ts';
import { type GrantUse, permissionsOf } from './permissions.ts';
import { type CallRequest, UnknownCall } from './requested-access.ts';
import { listCallOf } from './s3-calls.ts';

/** Stands before an emulator: says no to what the template's policies do not allow the function that asks. */
export type Iam = {
  /** The answer that AWS would give instead; undefined: it may go on. */
  denial(request: CallRequest): DenialResponse | undefined;
  /** The same for an object that turned out not to be there: who may not list a bucket is not told. */
  denialForMissingObject(request: CallRequest): DenialResponse | undefined;
  /** What was made of the template's grants so far. */
  grantUse(): GrantUse;
};

/** A resource whose properties are resolved: it can be sent to a thread. */
export type PlainResource = Omit<Resource, 'properties'> & { properties: Record<string, unknown> };

/** Types that say who may do what, or on whose behalf. */
const NEEDED =
  /^AWS::(IAM::|Lambda::(Function|EventSourceMapping)$|SQS::QueuePolicy|S3::BucketPolicy|DynamoDB::Table|Events::EventBus$)/;

/** What a gate has to know of the template. */
export function resourcesForIam(resources: readonly Resource[]): PlainResource[] {
  return resources
    .filter(({ type }) => NEEDED.test(type))
    .map((resource) => ({ ...resource, properties: resource.properties() }));
}

/** @throws UnsupportedPolicy for a policy that is not understood: it stops the host, it does not allow. */
export function iamOf(resources: readonly PlainResource[]): Iam {
  const permissions = permissionsOf(
    resources.map((resource) => ({ ...resource, properties: () => resource.properties })),
  );
  const functionsByKey = new Map(permissions.functions.map((id) => [accessKeyIdOf(id), id]));
  const decide = (
    request: CallRequest,
    read: (request: CallRequest) => ReturnType<typeof readCall> | undefined,
  ): DenialResponse | undefined => {
    const caller = functionsByKey.get(callerOf(request) ?? '');
    // Whoever is no function is the operator, who may do everything.
    if (caller === undefined) return undefined;
    try {
      const call = read(request);
      if (call === undefined) return undefined;
      const decision = permissions.check(caller, call);
      return decision.isAllowed ? undefined : denialResponse(call.service, decision, request.method);
    } catch (error) {
      if (!(error instanceof UnknownCall)) throw error;
      const body = JSON.stringify({ __type: 'UnknownCall', message: error.message });
      return { status: 501, headers: { 'content-type': 'application/json' }, body };
    }
  };
  return {
    denial: (request) => decide(request, readCall),
    denialForMissingObject: (request) => decide(request, (asked) => listCallOf(readCall(asked))),
    grantUse: permissions.grantUse,
  };
}
