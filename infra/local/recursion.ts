import { createHash, randomBytes } from 'node:crypto';

/**
 * Maximum of a function's invocations in one chain of requests (source: Lambda guide, "Recursive loop detection": the invocation after
 * approximately 16 is stopped).
 */
export const CHAIN_INVOCATIONS_MAX = 16;

/** An invocation's trace header, and the number of the function's invocations in this chain, including this one. */
export type Trace = { header: string; invocations: number };

const LINEAGE_HASH_LENGTH = 8;

/**
 * Returns the trace of a function's invocation. The header's lineage counts each function's invocations in the chain:
 * `Root=…;Parent=…;Sampled=0;Lineage=a87bd80c:1|68fd508a:5` (source: X-Ray concepts, "Tracing header"). The SDK sends it with each
 * request, and SQS stores it with each message.
 *
 * @param cause the trace header of the message that caused the invocation; undefined for other causes, such as a schedule
 */
export function traceOf(functionName: string, cause: string | undefined): Trace {
  const fields = new Map(
    (cause ?? '').split(';').map((field) => {
      const [name = '', value = ''] = field.split('=');
      return [name, value];
    }),
  );
  const lineage = new Map(
    (fields.get('Lineage') ?? '')
      .split('|')
      .filter(Boolean)
      .map((entry) => {
        const [hash = '', count] = entry.split(':');
        return [hash, Number(count)];
      }),
  );
  const own = createHash('sha256').update(functionName).digest('hex').slice(0, LINEAGE_HASH_LENGTH);
  const invocations = (lineage.get(own) ?? 0) + 1;
  lineage.set(own, invocations);
  const counts = [...lineage].map(([hash, count]) => `${hash}:${count}`).join('|');
  const root = fields.get('Root') ?? newRoot();
  const parent = randomBytes(8).toString('hex');
  return { header: `Root=${root};Parent=${parent};Sampled=0;Lineage=${counts}`, invocations };
}

/** A trace id: version, epoch seconds, and 96 random bits, in hexadecimal. */
const newRoot = (): string =>
  `1-${Math.floor(Date.now() / 1000).toString(16)}-${randomBytes(12).toString('hex')}`;
