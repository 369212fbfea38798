import { CommandError } from './command.ts';

/** AWS error names whose cause the user can fix. */
const USER_ERRORS = new Set([
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
/** Network errors of an address that does not respond. */
const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT']);

type SdkError = Error & { code?: string; $metadata?: { httpStatusCode?: number } };

/**
 * Translates an AWS SDK error that the user can fix: no connection, no region, no credentials, or a rejected request. Returns
 * undefined for all other errors.
 *
 * @param localEndpoint the local host's endpoint, if the call went to a local host
 */
export function awsProblem(thrown: unknown, localEndpoint?: string): CommandError | undefined {
  const error = thrown as SdkError;
  const text = String(error.message).replaceAll('\n', ' ');
  if (UNREACHABLE.has(error.code ?? '')) {
    return new CommandError(
      localEndpoint === undefined
        ? `AWS cannot be reached: ${text}`
        : `No local host responds at ${localEndpoint}: start one with npm start.`,
    );
  }
  if (error.name === 'CredentialsProviderError') return new CommandError(`No AWS credentials: ${text}`);
  if (text === 'Region is missing') {
    return new CommandError('No AWS region: set AWS_REGION, or a profile that has one.');
  }
  if (USER_ERRORS.has(error.name)) return new CommandError(`AWS rejected the request: ${text}`);
  // The response to HEAD has no body with an error code (source: S3, HeadObject).
  if (error.$metadata?.httpStatusCode === 403) {
    return new CommandError('AWS rejected the request: the credentials lack the permission (403).');
  }
  return undefined;
}
