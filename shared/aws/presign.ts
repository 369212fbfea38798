import { createHash, createHmac } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { SignatureV4 } from '@smithy/signature-v4';

/** A request to S3 as the SDK builds it. */
type BuiltRequest = {
  method: string;
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
};
/** A command of the SDK, of which only the request is used. */
type Command = {
  input: object;
  resolveMiddleware(
    stack: unknown,
    config: unknown,
    options: object,
  ): (args: { input: object }) => Promise<unknown>;
};

/**
 * Presigns a call to S3: whoever has the URL may make this call until it expires, by the permissions of the client's credentials (source: S3 user guide,
 * "Download and upload objects with presigned URLs"). Its body is not signed.
 *
 * @param options.seconds how long it is valid, at most seven days; the URL ends earlier with temporary credentials
 * @param options.now epoch ms
 * @param options.signed the command's headers that must be sent unchanged, such as content-length. Others, such as the SDK's own, are left out
 * @returns the URL, and the values of these headers
 */
export async function presign(
  client: S3Client,
  command: object,
  { seconds, now, signed = [] }: { seconds: number; now: number; signed?: readonly string[] },
): Promise<{ url: string; headers: Record<string, string> }> {
  const built = await requestOf(client, command as Command);
  const host = `${built.hostname}${built.port === undefined ? '' : `:${built.port}`}`;
  const headers = Object.fromEntries(signed.map((name) => [name, built.headers[name]!]));
  const names = ['host', ...signed];
  const signer = new SignatureV4({
    service: 's3',
    region: await client.config.region(),
    credentials: await client.config.credentials(),
    sha256: Sha256,
    applyChecksum: false,
    uriEscapePath: false,
  });
  const { query = {} } = await signer.presign(
    { ...built, headers: { ...headers, host, 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' } },
    {
      expiresIn: seconds,
      signingDate: new Date(now),
      signableHeaders: new Set(names),
      unhoistableHeaders: new Set(names),
    },
  );
  const text = Object.entries(query).map(
    ([name, value]) => `${encoded(name)}=${encoded(String(value ?? ''))}`,
  );
  return { url: `${built.protocol}//${host}${built.path}?${text.join('&')}`, headers };
}

/** Builds a command's request as the SDK does, without sending it. */
async function requestOf(client: S3Client, command: Command): Promise<BuiltRequest> {
  const stack = client.middlewareStack.clone();
  let built: BuiltRequest | undefined;
  stack.addRelativeTo(
    () => async (args: { request: unknown }) => {
      built = args.request as BuiltRequest;
      return { response: undefined, output: { $metadata: {} } } as never;
    },
    { name: 'presign', relation: 'before', toMiddleware: 'awsAuthMiddleware', override: true },
  );
  await command.resolveMiddleware(stack, client.config, {})({ input: command.input });
  return built!;
}

/** Encodes as signatures require (source: S3 API reference, "Create a canonical request", UriEncode). */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Node's SHA-256 with the signer's interface. */
export class Sha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined ? createHash('sha256') : createHmac('sha256', secret as NodeJS.ArrayBufferView);
  }
  update(data: Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {
    throw new Error('A hash is used once.');
  }
}
