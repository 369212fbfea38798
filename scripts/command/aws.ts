import { WrongUse } from './command.ts';

/** Error names with which AWS refuses a request for a reason that its caller has to mend. */
const REFUSALS = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
  'ValidationException',
]);
/** Network errors that mean that nothing answers at an address. */
const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT']);

type SdkError = Error & { code?: string; $metadata?: { httpStatusCode?: number } };

/**
 * The one line for an error of the AWS SDK that the user can mend: no host, no region, no credentials, or a refusal; undefined for
 * any other error.
 *
 * @param localEndpoint the local host's endpoint, where the call went to one
 */
export function awsProblem(thrown: unknown, localEndpoint?: string): WrongUse | undefined {
  const error = thrown as SdkError;
  const text = String(error.message).replaceAll('\n', ' ');
  if (UNREACHABLE.has(error.code ?? '')) {
    return new WrongUse(
      localEndpoint === undefined
        ? `AWS cannot be reached: ${text}`
        : `No local host answers at ${localEndpoint}: start one with npm start.`,
    );
  }
  if (error.name === 'CredentialsProviderError') return new WrongUse(`No AWS credentials: ${text}`);
  if (text === 'Region is missing') {
    return new WrongUse('No AWS region: set AWS_REGION, or a profile that has one.');
  }
  if (REFUSALS.has(error.name)) return new WrongUse(`AWS refuses: ${text}`);
  // The answer to HEAD has no body that could name the error (source: S3, HeadObject).
  if (error.$metadata?.httpStatusCode === 403) {
    return new WrongUse('AWS refuses: the credentials may not do this (403).');
  }
  return undefined;
}
