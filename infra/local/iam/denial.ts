import type { AwsService } from './call.ts';
import type { Denial } from './permissions.ts';

/** An answer for an emulator's HTTP server to give. */
export type DenialResponse = { status: number; headers: Record<string, string>; body: string };

const WHY: Readonly<Record<Denial['because'], (action: string) => string>> = {
  'no identity allows': (action) => `because no identity-based policy allows the ${action} action`,
  'an identity denies': () => 'with an explicit deny in an identity-based policy',
  'a resource denies': () => 'with an explicit deny in a resource-based policy',
};

type Style = { named: (action: string) => string; quoted: (resource: string) => string };
const PLAIN: Style = { named: (action) => action, quoted: (resource) => resource };
/** Where a service words it in a way of its own, as answers seen from AWS show. */
const STYLES: Readonly<Record<AwsService, Style>> = {
  dynamodb: PLAIN,
  events: PLAIN,
  sqs: { ...PLAIN, named: (action) => action.toLowerCase() },
  s3: { ...PLAIN, quoted: (resource) => `"${resource}"` },
};

/** AWS's own words, such as `User: … is not authorized to perform: dynamodb:PutItem on resource: … because …`. */
export function denialMessage(service: AwsService, denial: Denial): string {
  const { named, quoted } = STYLES[service];
  const action = named(denial.action);
  const what = `is not authorized to perform: ${action} on resource: ${quoted(denial.resource)}`;
  return `User: ${denial.principal} ${what} ${WHY[denial.because](action)}`;
}

/**
 * The service's answer to a call that was denied: what the SDK throws for it is AccessDeniedException for DynamoDB and
 * EventBridge, AccessDenied for SQS and S3; S3 answers HEAD without a body, so that the SDK only knows the status.
 */
export function denialResponse(service: AwsService, denial: Denial, method: string): DenialResponse {
  const message = denialMessage(service, denial);
  if (service === 's3') {
    const body = method === 'HEAD' ? '' : s3Error('AccessDenied', message);
    return { status: 403, headers: { 'content-type': 'application/xml' }, body };
  }
  if (service === 'events') {
    const body = JSON.stringify({ __type: 'AccessDeniedException', Message: message });
    return { status: 400, headers: { 'content-type': 'application/x-amz-json-1.1' }, body };
  }
  const body = JSON.stringify({
    __type: 'com.amazon.coral.service#AccessDeniedException',
    Message: message,
  });
  const headers = { 'content-type': 'application/x-amz-json-1.0' };
  if (service === 'dynamodb') return { status: 400, headers, body };
  // The name that the error had in SQS's older protocol: the SDK takes it from here.
  return { status: 403, headers: { ...headers, 'x-amzn-query-error': 'AccessDenied;Sender' }, body };
}

/** S3's names for what is wrong with a signature, and the messages that all services share. */
const SIGNATURE_FAULTS: Readonly<Record<string, { s3: string; message: string }>> = {
  MissingAuthenticationTokenException: {
    s3: 'AccessDenied',
    message: 'The request is not signed. The credentials are in endpoints.json of the local host.',
  },
  UnrecognizedClientException: {
    s3: 'InvalidAccessKeyId',
    message: 'The access key is not known here. The credentials are in endpoints.json of the local host.',
  },
  InvalidSignatureException: {
    s3: 'SignatureDoesNotMatch',
    message:
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
  },
};

/** The service's answer to a request whose signature is missing or wrong, or that cannot be read; `code` is an AWS error code. */
export function errorResponse(service: AwsService, code: string, message?: string): DenialResponse {
  const fault = SIGNATURE_FAULTS[code];
  const said = message ?? fault?.message ?? code;
  if (service === 's3') {
    const status = fault === undefined ? 400 : 403;
    return { status, headers: { 'content-type': 'application/xml' }, body: s3Error(fault?.s3 ?? code, said) };
  }
  const body = JSON.stringify({ __type: `com.amazon.coral.service#${code}`, message: said });
  const headers = { 'content-type': 'application/x-amz-json-1.0' };
  return { status: service === 'sqs' && fault !== undefined ? 403 : 400, headers, body };
}

function s3Error(code: string, message: string): string {
  const escaped = message.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>${code}</Code><Message>${escaped}</Message><RequestId>local</RequestId></Error>`;
}
