import type { AwsService } from './call.ts';
import type { Denial } from './permissions.ts';

/** The HTTP response to a denied request. */
export type DenialResponse = { status: number; headers: Record<string, string>; body: string };

const REASONS: Readonly<Record<Denial['because'], (action: string) => string>> = {
  'no identity allows': (action) => `because no identity-based policy allows the ${action} action`,
  'an identity denies': () => 'with an explicit deny in an identity-based policy',
  'a resource denies': () => 'with an explicit deny in a resource-based policy',
};

type Style = { formatAction: (action: string) => string; formatResource: (resource: string) => string };
const PLAIN: Style = { formatAction: (action) => action, formatResource: (resource) => resource };
/** How each service writes actions and resources in its messages, as seen in responses of AWS. */
const STYLES: Readonly<Record<AwsService, Style>> = {
  dynamodb: PLAIN,
  events: PLAIN,
  sqs: { ...PLAIN, formatAction: (action) => action.toLowerCase() },
  s3: { ...PLAIN, formatResource: (resource) => `"${resource}"` },
};

/** AWS's message, such as `User: … is not authorized to perform: dynamodb:PutItem on resource: … because …`. */
export function denialMessage(service: AwsService, denial: Denial): string {
  const { formatAction, formatResource } = STYLES[service];
  const action = formatAction(denial.action);
  const denied = `is not authorized to perform: ${action} on resource: ${formatResource(denial.resource)}`;
  return `User: ${denial.principal} ${denied} ${REASONS[denial.because](action)}`;
}

/**
 * The service's response to a denied call. The SDK throws AccessDeniedException for DynamoDB and EventBridge, and AccessDenied for
 * SQS and S3. S3's response to HEAD has no body: the SDK gets only the status.
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
  // The SDK takes the error's name from this header: the name in SQS's older protocol.
  return { status: 403, headers: { ...headers, 'x-amzn-query-error': 'AccessDenied;Sender' }, body };
}

/** S3's error codes for wrong signatures, and the messages that all services share. */
const SIGNATURE_ERRORS: Readonly<Record<string, { s3: string; message: string }>> = {
  MissingAuthenticationTokenException: {
    s3: 'AccessDenied',
    message: 'The request is not signed. The credentials are in endpoints.json of the local host.',
  },
  UnrecognizedClientException: {
    s3: 'InvalidAccessKeyId',
    message: 'The access key is unknown. The credentials are in endpoints.json of the local host.',
  },
  InvalidSignatureException: {
    s3: 'SignatureDoesNotMatch',
    message:
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
  },
};

/** The service's response to a malformed request, or one with a missing or wrong signature. `code` is an AWS error code. */
export function errorResponse(service: AwsService, code: string, message?: string): DenialResponse {
  const signatureError = SIGNATURE_ERRORS[code];
  const text = message ?? signatureError?.message ?? code;
  if (service === 's3') {
    const status = signatureError === undefined && code !== 'AccessDenied' ? 400 : 403;
    return {
      status,
      headers: { 'content-type': 'application/xml' },
      body: s3Error(signatureError?.s3 ?? code, text),
    };
  }
  const body = JSON.stringify({ __type: `com.amazon.coral.service#${code}`, message: text });
  const headers = { 'content-type': 'application/x-amz-json-1.0' };
  return { status: service === 'sqs' && signatureError !== undefined ? 403 : 400, headers, body };
}

function s3Error(code: string, message: string): string {
  const escaped = message.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>${code}</Code><Message>${escaped}</Message><RequestId>local</RequestId></Error>`;
}
