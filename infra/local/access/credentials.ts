import { createHash, randomBytes } from 'node:crypto';

/** An access key and its secret, in the AWS SDK's format. */
export type Credentials = { accessKeyId: string; secretAccessKey: string };

/**
 * The credentials that may call the emulators: those of the operator, stored in `endpoints.json`, with all permissions, and those of each
 * function by construct id, with the permissions of its role. Plain data, which can be sent to a thread.
 */
export type AccessKeys = { operator: Credentials; functions: Record<string, Credentials> };

/** The letters and digits of AWS's access keys (RFC 4648, base32). */
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const ACCESS_KEY_LETTERS = 16;
/** 240 bits, which are 40 characters in base64, the length of AWS's secrets. */
const SECRET_BYTES = 30;

/** Generates random credentials. */
export function newCredentials(): Credentials {
  return credentials(accessKeyId(randomBytes(ACCESS_KEY_LETTERS)));
}

/** Creates access keys for the operator and for functions with these ids. The functions' secrets are random. */
export function accessKeys(functionIds: readonly string[], operator = newCredentials()): AccessKeys {
  const functions = functionIds.map((id) => [id, credentials(accessKeyIdOf(id))]);
  return { operator, functions: Object.fromEntries(functions) };
}

/**
 * Returns the access key of a function, always the same for an id. It has AWS's format (20 capital letters and digits), because DynamoDB
 * Local accepts only letters and digits since version 2.0 (source: Amazon DynamoDB
 * developer guide, "DynamoDB local usage notes").
 */
export function accessKeyIdOf(functionId: string): string {
  return accessKeyId(createHash('sha256').update(functionId).digest());
}

/** Returns the secret of an access key; undefined for an unknown one. */
export function secretOf({ operator, functions }: AccessKeys, accessKey: string): string | undefined {
  const found = [operator, ...Object.values(functions)].find(({ accessKeyId }) => accessKeyId === accessKey);
  return found?.secretAccessKey;
}

const accessKeyId = (bytes: Buffer): string =>
  `AKIA${Array.from(bytes.subarray(0, ACCESS_KEY_LETTERS), (byte) => LETTERS[byte % LETTERS.length]).join('')}`;

const credentials = (accessKeyId: string): Credentials => ({
  accessKeyId,
  secretAccessKey: randomBytes(SECRET_BYTES).toString('base64'),
});
