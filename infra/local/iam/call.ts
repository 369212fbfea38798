import { REGION } from '../resource.ts';
import { readJsonCall } from './json-calls.ts';
import { type CallRequest, type RequestedAccess, UnknownCall } from './requested-access.ts';
import { readS3Call } from './s3-calls.ts';

/** What the AWS SDK asked for, and the access key that it was asked with. */
export type AwsCall = RequestedAccess & { accessKeyId: string; service: AwsService };
export type AwsService = keyof typeof READERS;

const READERS = {
  dynamodb: (request: CallRequest) => readJsonCall('dynamodb', request),
  sqs: (request: CallRequest) => readJsonCall('sqs', request),
  events: (request: CallRequest) => readJsonCall('events', request),
  s3: readS3Call,
};

const CREDENTIAL = /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/\d{8}\/([a-z\d-]+)\/([a-z\d]+)\/aws4_request,/;

/** The access key of a request that is signed in its header; undefined for all others. The signature is not verified here. */
export function callerOf({ headers }: Pick<CallRequest, 'headers'>): string | undefined {
  return CREDENTIAL.exec(headers.authorization ?? '')?.[1];
}

/**
 * Reads what a request of the AWS SDK (version 3, with the protocols that it speaks by itself) does.
 *
 * @throws UnknownCall for whatever it cannot read completely.
 */
export function readCall(request: CallRequest): AwsCall {
  const [, accessKeyId, region, service = ''] = CREDENTIAL.exec(request.headers.authorization ?? '') ?? [];
  if (accessKeyId === undefined) throw new UnknownCall('The request is not signed in its header.');
  if (region !== REGION) throw new UnknownCall(`The request is for ${region}; this is ${REGION}.`);
  if (!Object.hasOwn(READERS, service)) throw new UnknownCall(`The gate does not know "${service}".`);
  const known = service as AwsService;
  return { accessKeyId, service: known, ...READERS[known](request) };
}
