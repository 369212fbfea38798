import { createHash, timingSafeEqual } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from '../../../shared/aws/presign.ts';
import type { CallRequest } from '../iam/requested-access.ts';
import { REGION } from '../resource.ts';
import type { Credentials } from './credentials.ts';

/** The reason to reject a request, as DynamoDB's error code. S3 and SQS use other codes for the same reasons. */
export type SignatureFault =
  | 'MissingAuthenticationTokenException'
  | 'UnrecognizedClientException'
  | 'InvalidSignatureException';

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([a-z\d-]+)\/([a-z\d]+)\/aws4_request, ?SignedHeaders=([^,\s]+), ?Signature=([\da-f]{64})$/;
const AMZ_DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
const CONTENT_HASH = 'x-amz-content-sha256';

/**
 * Verifies the Signature Version 4 in a request's Authorization header by computing it again. The date is not compared with the clock,
 * because client and host share one machine.
 *
 * @param secretOf returns the secret of an access key
 * @returns undefined for a valid signature
 */
export async function verifySignature(
  request: CallRequest,
  secretOf: (accessKeyId: string) => string | undefined,
): Promise<SignatureFault | undefined> {
  const { headers } = request;
  if (headers.authorization === undefined) return 'MissingAuthenticationTokenException';
  const [, accessKeyId, day, region, service, signedHeaders, signature] =
    AUTHORIZATION.exec(headers.authorization) ?? [];
  if (accessKeyId === undefined) return 'InvalidSignatureException';
  const secretAccessKey = secretOf(accessKeyId);
  if (secretAccessKey === undefined) return 'UnrecognizedClientException';
  const names = signedHeaders!.split(';');
  const date = dateOf(headers['x-amz-date']);
  if (!names.includes('host') || date === undefined || !String(headers['x-amz-date']).startsWith(day!))
    return 'InvalidSignatureException';
  if (!isBodyAsSigned(request, service!)) return 'InvalidSignatureException';
  const expected = await sign(request, names, {
    credentials: { accessKeyId, secretAccessKey },
    region: region!,
    service: service!,
    date,
  });
  return expected !== undefined && timingSafeEqual(Buffer.from(expected), Buffer.from(signature!))
    ? undefined
    : 'InvalidSignatureException';
}

/** Signs a request, and returns its headers with the signature. For tools that use HTTP without an SDK. */
export async function signedHeaders(
  request: { method: string; url: string; headers?: Record<string, string>; body?: string | Buffer },
  service: string,
  credentials: Credentials,
): Promise<Record<string, string>> {
  const { host, pathname, searchParams } = new URL(request.url);
  const signer = signerOf(service, REGION, credentials);
  const { headers } = await signer.sign({
    method: request.method,
    protocol: 'http:',
    hostname: host,
    path: pathname,
    query: queryOf(searchParams.toString()),
    headers: { ...request.headers, host, [CONTENT_HASH]: sha256(request.body ?? '') },
    body: request.body,
  });
  return headers;
}

type Scope = { credentials: Credentials; region: string; service: string; date: Date };

/** Computes the expected signature of a request; undefined if it lacks one of the signed headers. */
async function sign(
  { method, url, headers, body }: CallRequest,
  names: readonly string[],
  { credentials, region, service, date }: Scope,
): Promise<string | undefined> {
  const signed: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (value === undefined) return undefined;
    signed[name] = Array.isArray(value) ? value.join(',') : value;
  }
  // S3 signs the claimed hash of the body even if its header is not among the signed headers.
  const claimed = headers[CONTENT_HASH];
  const bodyHash = typeof claimed === 'string' ? claimed : sha256(body);
  const [path = '', query = ''] = url.split('?', 2);
  const signer = signerOf(service, region, credentials);
  const request = {
    method,
    protocol: 'http:',
    hostname: '',
    path,
    query: queryOf(query),
    headers: { ...signed, [CONTENT_HASH]: bodyHash },
  };
  const { headers: withSignature } = await signer.sign(request, {
    signingDate: date,
    signableHeaders: new Set(names),
    ...(names.includes(CONTENT_HASH) ? {} : { unsignableHeaders: new Set([CONTENT_HASH]) }),
  });
  return /Signature=([\da-f]{64})$/.exec(withSignature['authorization'] ?? '')?.[1];
}

/** Makes the signer of a service's requests. */
export const signerOf = (service: string, region: string, credentials: Credentials): SignatureV4 =>
  new SignatureV4({
    service,
    region,
    credentials,
    sha256: Sha256,
    applyChecksum: false,
    // Every service except S3 signs the double-encoded path (source: AWS, "Create a signed AWS API request").
    uriEscapePath: service !== 's3',
  });

const sha256 = (body: string | Buffer): string => createHash('sha256').update(body).digest('hex');

/** Whether the body matches the signed hash. Only S3 allows unsigned bodies, with a constant instead of the hash. */
function isBodyAsSigned({ headers, body }: CallRequest, service: string): boolean {
  const claimed = headers[CONTENT_HASH];
  if (claimed === undefined) return service !== 's3';
  if (service === 's3' && /^(UNSIGNED-PAYLOAD|STREAMING-[A-Z\d-]+)$/.test(String(claimed))) return true;
  return claimed === sha256(body);
}

/** Parses a signature's date, such as `20261125T090000Z`. */
export function dateOf(text: string | string[] | undefined): Date | undefined {
  const [, year, month, day, hours, minutes, seconds] = AMZ_DATE.exec(String(text)) ?? [];
  if (year === undefined) return undefined;
  const date = new Date(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Parses a query without form decoding: `+` is a plus, because signers encode a space as `%20`. */
export function queryOf(text: string): Record<string, string[]> {
  const query: Record<string, string[]> = {};
  for (const pair of text.split('&').filter((part) => part !== '')) {
    const at = pair.indexOf('=');
    const name = decoded(at === -1 ? pair : pair.slice(0, at));
    const values = query[name] ?? [];
    values.push(at === -1 ? '' : decoded(pair.slice(at + 1)));
    query[name] = values;
  }
  return query;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
