import { timingSafeEqual } from 'node:crypto';
import type { CallRequest } from '../iam/requested-access.ts';
import { dateOf, queryOf, signerOf } from './signature.ts';

/** The longest time for which a presigned URL is valid, in seconds: seven days. */
export const PRESIGNED_SECONDS_MAX = 604_800;
/** How far a client's clock may be ahead (source: S3, "Error responses", RequestTimeTooSkewed). */
const CLOCK_AHEAD_MS_MAX = 15 * 60 * 1000;

/** S3's error for a presigned request that it refuses: its code and its message. */
export type PresignedFault = { code: string; message?: string };

const QUERY_PARAMETERS = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Signature',
  'X-Amz-Date',
  'X-Amz-SignedHeaders',
  'X-Amz-Expires',
] as const;
const CREDENTIAL = /^([^/]+)\/(\d{8})\/([a-z\d-]+)\/([a-z\d]+)\/aws4_request$/;

const FAULTS = {
  incomplete: {
    code: 'AuthorizationQueryParametersError',
    message:
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
  },
  tooLong: {
    code: 'AuthorizationQueryParametersError',
    message: `X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ${PRESIGNED_SECONDS_MAX} seconds`,
  },
  twoSignatures: {
    code: 'InvalidArgument',
    message:
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
  },
  token: { code: 'InvalidToken', message: 'The provided token is malformed or otherwise invalid.' },
  expired: { code: 'AccessDenied', message: 'Request has expired' },
  notYetValid: { code: 'AccessDenied', message: 'Request is not yet valid' },
  notSigned: {
    code: 'AccessDenied',
    message: 'There were headers present in the request which were not signed',
  },
  wrong: { code: 'InvalidSignatureException' },
} as const satisfies Record<string, PresignedFault>;

/** Whether a request is signed in its query. */
export const isPresigned = (url: string): boolean => /[?&]X-Amz-(Algorithm|Credential|Signature)=/.test(url);

/** The name of a query parameter of the signature, such as `X-Amz-Date`. */
export const isSignatureParameter = (name: string): boolean =>
  name === 'X-Amz-Content-Sha256' || QUERY_PARAMETERS.some((parameter) => parameter === name);

/**
 * Returns the access key, region and service of a presigned request, without verifying its signature. Undefined if it has none, or more
 * than one.
 */
export function presignedScope(
  url: string,
): { accessKeyId: string; day: string; region: string; service: string } | undefined {
  const [credential, second] = queryOf(url.split('?', 2)[1] ?? '')['X-Amz-Credential'] ?? [];
  const [, accessKeyId, day, region, service] =
    CREDENTIAL.exec(second === undefined ? (credential ?? '') : '') ?? [];
  return accessKeyId === undefined
    ? undefined
    : { accessKeyId, day: day!, region: region!, service: service! };
}

/**
 * Verifies the Signature Version 4 in a request's query, as S3 does (source: S3 API reference, "Authenticating Requests: Using Query
 * Parameters"). Unlike a header's signature it expires. Signed headers, such as content-length and content-type, must have the signed
 * value, and every `x-amz-` header must be signed. The body is not signed.
 *
 * @param secretOf returns the secret of an access key
 * @param now epoch ms
 * @returns undefined for a valid signature
 */
export async function verifyPresigned(
  request: CallRequest,
  secretOf: (accessKeyId: string) => string | undefined,
  now: number,
): Promise<PresignedFault | undefined> {
  const { url, headers } = request;
  if (headers.authorization !== undefined) return FAULTS.twoSignatures;
  const query = queryOf(url.split('?', 2)[1] ?? '');
  const [algorithm, , signature, date, signedHeaders, expires] = QUERY_PARAMETERS.map((name) =>
    query[name]?.length === 1 ? query[name][0]! : '',
  ) as [string, string, string, string, string, string];
  const scope = presignedScope(url);
  const signedAt = dateOf(date);
  const isComplete =
    algorithm === 'AWS4-HMAC-SHA256' &&
    /^[\da-f]{64}$/.test(signature) &&
    /^\d{1,9}$/.test(expires) &&
    signedAt !== undefined &&
    date.startsWith(scope?.day ?? ' ') &&
    signedHeaders !== '';
  if (scope === undefined || !isComplete) return FAULTS.incomplete;
  if (Number(expires) > PRESIGNED_SECONDS_MAX) return FAULTS.tooLong;
  // Nobody here gets temporary credentials, which have a token.
  if (query['X-Amz-Security-Token'] !== undefined) return FAULTS.token;
  const secretAccessKey = secretOf(scope.accessKeyId);
  if (secretAccessKey === undefined) return { code: 'UnrecognizedClientException' };
  if (signedAt.getTime() > now + CLOCK_AHEAD_MS_MAX) return FAULTS.notYetValid;
  if (signedAt.getTime() + Number(expires) * 1000 < now) return FAULTS.expired;
  const names = signedHeaders.split(';');
  const isUnsigned = (name: string) => name.startsWith('x-amz-') && !names.includes(name);
  if (Object.keys(headers).some(isUnsigned)) return FAULTS.notSigned;
  const credentials = { accessKeyId: scope.accessKeyId, secretAccessKey };
  const expected = await sign(request, query, names, { ...scope, credentials, signedAt, expires });
  return expected !== undefined && timingSafeEqual(Buffer.from(expected), Buffer.from(signature))
    ? undefined
    : FAULTS.wrong;
}

type Signing = {
  credentials: { accessKeyId: string; secretAccessKey: string };
  region: string;
  service: string;
  signedAt: Date;
  expires: string;
};

/** Computes the expected signature; undefined if the request lacks one of the signed headers, or the host is not among them. */
async function sign(
  { method, url, headers }: CallRequest,
  query: Readonly<Record<string, string[]>>,
  names: readonly string[],
  { credentials, region, service, signedAt, expires }: Signing,
): Promise<string | undefined> {
  const signed = names.map((name): [string, string | undefined] => [name, headers[name]?.toString()]);
  if (!names.includes('host') || signed.some(([, value]) => value === undefined)) return undefined;
  const own = Object.entries(query).filter(
    ([name]) => !QUERY_PARAMETERS.some((parameter) => parameter === name),
  );
  const { query: withSignature = {} } = await signerOf(service, region, credentials).presign(
    {
      method,
      protocol: 'http:',
      hostname: '',
      path: url.split('?', 1)[0]!,
      query: Object.fromEntries(own),
      // The constant for a body that is unknown when the URL is signed. It is not a header of the request.
      headers: { ...Object.fromEntries(signed), 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } as Record<
        string,
        string
      >,
    },
    {
      signingDate: signedAt,
      expiresIn: Number(expires),
      signableHeaders: new Set(names),
      unsignableHeaders: new Set(['x-amz-content-sha256']),
      unhoistableHeaders: new Set([...names, 'x-amz-content-sha256']),
    },
  );
  return String(withSignature['X-Amz-Signature']);
}
