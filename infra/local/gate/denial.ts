import type { AwsService } from './call.ts';
import type { Denial } from './permissions.ts';

/** An answer for an emulator's HTTP server to give. */
export type DenialAnswer = { status: number; headers: Record<string, string>; body: string };

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
export function denialAnswer(service: AwsService, denial: Denial, method: string): DenialAnswer {
  const message = denialMessage(service, denial);
  if (service === 's3') {
    const body = method === 'HEAD' ? '' : s3Error(message);
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

function s3Error(message: string): string {
  const escaped = message.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>AccessDenied</Code><Message>${escaped}</Message><RequestId>local</RequestId></Error>`;
}
