import { isSignatureParameter } from '../access/presigned.ts';
import { type CallRequest, type RequestedAccess, UnknownCall } from './requested-access.ts';

type Operation = {
  method: string;
  on: 'bucket' | 'object';
  /** The query parameters that select this operation, and further parameters that it allows. */
  required: readonly string[];
  allowed: readonly string[];
  operation: string;
  action: string;
};

const LISTING = ['prefix', 'delimiter', 'max-keys', 'continuation-token', 'start-after', 'encoding-type'];

/** Source: Amazon S3's user guide, "Required permissions for Amazon S3 API operations". */
const OPERATIONS: readonly Operation[] = [
  on('object', 'GET', [], 'GetObject', 's3:GetObject', ['partNumber', 'response-content-disposition']),
  on('object', 'GET', ['versionId'], 'GetObject', 's3:GetObjectVersion', ['partNumber']),
  on('object', 'HEAD', [], 'HeadObject', 's3:GetObject', ['partNumber']),
  on('object', 'HEAD', ['versionId'], 'HeadObject', 's3:GetObjectVersion', ['partNumber']),
  on('object', 'PUT', [], 'PutObject', 's3:PutObject'),
  on('object', 'POST', ['uploads'], 'CreateMultipartUpload', 's3:PutObject'),
  on('object', 'PUT', ['partNumber', 'uploadId'], 'UploadPart', 's3:PutObject'),
  on('object', 'POST', ['uploadId'], 'CompleteMultipartUpload', 's3:PutObject'),
  on('object', 'DELETE', ['uploadId'], 'AbortMultipartUpload', 's3:AbortMultipartUpload'),
  on('object', 'DELETE', [], 'DeleteObject', 's3:DeleteObject'),
  on('object', 'DELETE', ['versionId'], 'DeleteObject', 's3:DeleteObjectVersion'),
  on('bucket', 'GET', ['list-type'], 'ListObjectsV2', 's3:ListBucket', LISTING),
  on('bucket', 'HEAD', [], 'HeadBucket', 's3:ListBucket'),
];

/** Headers that make an operation need further permissions, such as reading the source of a copy. */
const UNSUPPORTED_HEADERS = [
  /^x-amz-copy-source/,
  /^x-amz-acl$/,
  /^x-amz-grant-/,
  /^x-amz-tagging$/,
  /^x-amz-object-lock-/,
  /^x-amz-bypass-governance-retention$/,
  /^x-amz-server-side-encryption/,
  // A header of another protocol: the emulator might answer as another service.
  /^x-amz-target$/,
];

function on(
  what: 'bucket' | 'object',
  method: string,
  required: readonly string[],
  operation: string,
  action: string,
  allowed: readonly string[] = [],
): Operation {
  return { on: what, method, required, operation, action, allowed };
}

/**
 * Parses a path-style call of S3's REST protocol.
 *
 * @throws UnknownCall for an unsupported operation, and for a parameter or header that may need further permissions.
 */
export function readS3Call({ method, url, headers }: CallRequest): RequestedAccess {
  const [path = '', query = ''] = url.split('?', 2);
  const [, bucket, key] = /^\/([^/]+)(?:\/(.*))?$/s.exec(path) ?? [];
  // The SDK adds x-id to name the operation. S3 ignores it.
  const parameters = [...new URLSearchParams(query).keys()].filter(
    (name) => name !== 'x-id' && !isSignatureParameter(name),
  );
  const isObject = key !== undefined && key !== '';
  const found = OPERATIONS.find(
    (known) =>
      known.method === method &&
      known.on === (isObject ? 'object' : 'bucket') &&
      known.required.every((name) => parameters.includes(name)) &&
      parameters.every((name) => known.required.includes(name) || known.allowed.includes(name)),
  );
  const header = Object.keys(headers).find((name) =>
    UNSUPPORTED_HEADERS.some((pattern) => pattern.test(name)),
  );
  // A conditional write also needs the permission to read the object.
  const isConditional = method !== 'GET' && method !== 'HEAD' && headers['if-match'] !== undefined;
  if (bucket === undefined || found === undefined || header !== undefined || isConditional) {
    throw new UnknownCall(`The local IAM does not support the S3 request ${method} ${url} ${header ?? ''}.`);
  }
  const resource = isObject ? `${bucketArn(decoded(bucket))}/${decoded(key)}` : bucketArn(decoded(bucket));
  return { operation: found.operation, action: found.action, resources: [resource] };
}

const bucketArn = (name: string): string => `arn:aws:s3:::${name}`;

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new UnknownCall(`The path segment "${part}" has a broken percent-encoding.`);
  }
}

/**
 * The additional access that a caller needs to receive 404 for an object that does not exist: S3 responds with 403 unless the caller
 * may list the bucket. Undefined for calls other than GetObject and HeadObject.
 * Source: S3's API reference, GetObject and HeadObject, "Permissions".
 */
export function listCallOf<Call extends RequestedAccess>(call: Call): Call | undefined {
  if (call.operation !== 'GetObject' && call.operation !== 'HeadObject') return undefined;
  return {
    ...call,
    action: 's3:ListBucket',
    resources: call.resources.map((arn) => arn.replace(/\/.*$/s, '')),
  };
}
