import { createHash, randomBytes } from 'node:crypto';

/** An access key with its secret, as the AWS SDK takes them. */
export type Credentials = { accessKeyId: string; secretAccessKey: string };

/**
 * Everybody who may call the emulators: the operator, whose credentials are in `endpoints.json` and who may do everything, and each
 * function by its id, with the rights of its role. Plain data: it can be sent to a thread.
 */
export type AccessKeys = { operator: Credentials; functions: Record<string, Credentials> };

/** The letters and digits of AWS's access keys (RFC 4648, base32). */
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const ACCESS_KEY_LETTERS = 16;
/** 240 bits: 40 characters of base64, which is the length of AWS's secrets. */
const SECRET_BYTES = 30;

/** New credentials that nobody can guess. */
export function newCredentials(): Credentials {
  return credentials(accessKeyId(randomBytes(ACCESS_KEY_LETTERS)));
}

/** Access keys for the operator and for functions with these ids. The secrets of functions are new for each host. */
export function accessKeys(functionIds: readonly string[], operator = newCredentials()): AccessKeys {
  const functions = functionIds.map((id) => [id, credentials(accessKeyIdOf(id))]);
  return { operator, functions: Object.fromEntries(functions) };
}

/**
 * The access key of a function, always the same for an id. It has the form of AWS's own (20 capital letters and digits), because
 * DynamoDB Local refuses access keys with other characters than letters and digits since its version 2.0 (source: Amazon DynamoDB
 * developer guide, "DynamoDB local usage notes").
 */
export function accessKeyIdOf(functionId: string): string {
  return accessKeyId(createHash('sha256').update(functionId).digest());
}

/** The secret of an access key; undefined for one that nobody has. */
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
