import { type CallRequest, type RequestedAccess, UnknownCall } from './requested-access.ts';

type Operation = {
  method: string;
  on: 'bucket' | 'object';
  /** Parameters of the query that make it this operation, and those that it may have besides. */
  needs: readonly string[];
  takes: readonly string[];
  operation: string;
  action: string;
};

const LISTING = ['prefix', 'delimiter', 'max-keys', 'continuation-token', 'start-after', 'encoding-type'];

/** Source: Amazon S3's user guide, "Required permissions for Amazon S3 API operations". */
const OPERATIONS: readonly Operation[] = [
  on('object', 'GET', [], 'GetObject', 's3:GetObject', ['partNumber']),
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

/** Headers by which an operation needs further permissions, such as those to read what is copied. */
const HEADERS_NOT_KNOWN = [
  /^x-amz-copy-source/,
  /^x-amz-acl$/,
  /^x-amz-grant-/,
  /^x-amz-tagging$/,
  /^x-amz-object-lock-/,
  /^x-amz-bypass-governance-retention$/,
  /^x-amz-server-side-encryption/,
  // Of another protocol: who would answer it?
  /^x-amz-target$/,
];

function on(
  what: 'bucket' | 'object',
  method: string,
  needs: readonly string[],
  operation: string,
  action: string,
  takes: readonly string[] = [],
): Operation {
  return { on: what, method, needs, operation, action, takes };
}

/**
 * Reads a path-style call of S3's REST protocol.
 *
 * @throws UnknownCall also for an operation with a parameter or a header that may need more permissions.
 */
export function readS3Call({ method, url, headers }: CallRequest): RequestedAccess {
  const [path = '', query = ''] = url.split('?', 2);
  const [, bucket, key] = /^\/([^/]+)(?:\/(.*))?$/s.exec(path) ?? [];
  // The SDK's own mark of the operation, which S3 does not look at.
  const parameters = [...new URLSearchParams(query).keys()].filter((name) => name !== 'x-id');
  const isObject = key !== undefined && key !== '';
  const found = OPERATIONS.find(
    (known) =>
      known.method === method &&
      known.on === (isObject ? 'object' : 'bucket') &&
      known.needs.every((name) => parameters.includes(name)) &&
      parameters.every((name) => known.needs.includes(name) || known.takes.includes(name)),
  );
  const header = Object.keys(headers).find((name) => HEADERS_NOT_KNOWN.some((known) => known.test(name)));
  // A write on a condition about what is there needs the permission to read it, too.
  const isConditional = method !== 'GET' && method !== 'HEAD' && headers['if-match'] !== undefined;
  if (bucket === undefined || found === undefined || header !== undefined || isConditional) {
    throw new UnknownCall(`The gate does not know what S3 is asked by ${method} ${url} ${header ?? ''}.`);
  }
  const resource = isObject ? `${bucketArn(decoded(bucket))}/${decoded(key)}` : bucketArn(decoded(bucket));
  return { operation: found.operation, action: found.action, resources: [resource] };
}

const bucketArn = (name: string): string => `arn:aws:s3:::${name}`;

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new UnknownCall(`"${part}" is no part of a path.`);
  }
}

/**
 * What a caller needs besides, to be told that an object is not there: who may not list the bucket is answered 403 and not
 * 404. To be checked where a call was answered 404; undefined for calls of which this is not so.
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
