import { accessKeyIdOf } from '../access/credentials.ts';
import type { Resource } from '../resource.ts';
import { callerOf, readCall } from './call.ts';
import { type DenialResponse, denialResponse } from './denial.ts';
import { type GrantUse, permissionsOf } from './permissions.ts';
import { type CallRequest, UnknownCall } from './requested-access.ts';
import { listCallOf } from './s3-calls.ts';

/** Enforces the template's IAM policies on requests to the emulators. */
export type Iam = {
  /** The response to a request that the policies do not allow; undefined if they allow it. */
  denial(request: CallRequest): DenialResponse | undefined;
  /** The response to a request for an object that does not exist: 403 unless the caller may list the bucket. */
  denialForMissingObject(request: CallRequest): DenialResponse | undefined;
  /** The unused grants and the denied calls so far. */
  grantUse(): GrantUse;
};

/** A resource with resolved properties, which can be sent to a worker thread. */
export type PlainResource = Omit<Resource, 'properties'> & { properties: Record<string, unknown> };

/** The resource types with policies and roles, and those that policies refer to. */
const RELEVANT_TYPES =
  /^AWS::(IAM::|Lambda::(Function|EventSourceMapping)$|SQS::QueuePolicy|S3::BucketPolicy|DynamoDB::Table|Events::EventBus$)/;

/** The template's resources that {@link iamOf} needs. */
export function resourcesForIam(resources: readonly Resource[]): PlainResource[] {
  return resources
    .filter(({ type }) => RELEVANT_TYPES.test(type))
    .map((resource) => ({ ...resource, properties: resource.properties() }));
}

/** @throws UnsupportedPolicy for a policy with an unsupported element: the host does not start. */
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
    // Every other access key is the operator's, who may do everything.
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
