import { presignedScope } from '../access/presigned.ts';
import { REGION } from '../resource.ts';
import { readJsonCall } from './json-calls.ts';
import { type CallRequest, type RequestedAccess, UnknownCall } from './requested-access.ts';
import { readS3Call } from './s3-calls.ts';

/** A call of the AWS SDK, with the caller's access key. */
export type AwsCall = RequestedAccess & { accessKeyId: string; service: AwsService };
export type AwsService = keyof typeof READERS;

const READERS = {
  dynamodb: (request: CallRequest) => readJsonCall('dynamodb', request),
  sqs: (request: CallRequest) => readJsonCall('sqs', request),
  events: (request: CallRequest) => readJsonCall('events', request),
  s3: readS3Call,
};

const CREDENTIAL = /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/\d{8}\/([a-z\d-]+)\/([a-z\d]+)\/aws4_request,/;

/** The access key of a signed request; undefined for all others. Does not verify the signature. */
export const callerOf = (request: SignedParts): string | undefined => scopeOf(request)?.accessKeyId;

/** The parts of a request that have its signature. */
type SignedParts = { headers: CallRequest['headers']; url?: string | undefined };
type Scope = { accessKeyId: string; region: string; service: string };

/** The access key, region and service by which a request is signed, in its header or in its query. */
function scopeOf({ headers, url = '' }: SignedParts): Scope | undefined {
  if (headers.authorization === undefined) return presignedScope(url);
  const [, accessKeyId, region = '', service = ''] = CREDENTIAL.exec(headers.authorization) ?? [];
  return accessKeyId === undefined ? undefined : { accessKeyId, region, service };
}

/**
 * Parses a request of the AWS SDK for JavaScript, version 3, with its default protocols.
 *
 * @throws UnknownCall for every request that it cannot parse completely.
 */
export function readCall(request: CallRequest): AwsCall {
  const scope = scopeOf(request);
  if (scope === undefined) throw new UnknownCall('The request is not signed.');
  const { accessKeyId, region, service } = scope;
  if (region !== REGION) throw new UnknownCall(`The request is for ${region}; this is ${REGION}.`);
  if (!Object.hasOwn(READERS, service))
    throw new UnknownCall(`The local IAM does not support the service "${service}".`);
  const known = service as AwsService;
  return { accessKeyId, service: known, ...READERS[known](request) };
}
