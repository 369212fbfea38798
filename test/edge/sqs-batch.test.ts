import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { RetryLater, sqsBatch } from '../../functions/edge/sqs-batch.ts';
import type { FailedMessage } from '../../shared/aws/retry-with-backoff.ts';
import { lambdaContext, withLog } from './invoke.ts';

type Handler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** Delivers messages with these bodies, each received twice, to a handler. Returns the identifiers to redeliver, and the logged lines. */
async function deliver(
  handler: unknown,
  bodies: readonly string[],
  attributes: object | null = { ApproximateReceiveCount: '2' },
) {
  const Records = bodies.map((body) => ({
    body,
    messageId: `id-${body}`,
    receiptHandle: `handle-${body}`,
    ...(attributes && { attributes }),
  }));
  const { result, lines } = await withLog(() => (handler as Handler)({ Records } as SQSEvent, lambdaContext));
  return { redelivered: result.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier), lines };
}

const failing = (names: string) => async (body: string) => {
  if (names.includes(body)) throw new Error(`no ${body}`);
  return body.toUpperCase();
};

describe('a batch of messages', () => {
  it('is processed at the same time, with the time, the delivery and the remaining time', async () => {
    const contexts: object[] = [];
    let release: () => void;
    const both = new Promise<void>((resolve) => {
      release = resolve;
    });
    const before = Date.now();
    const handler = sqsBatch(async (body, { remainingMs, now, delivery }) => {
      contexts.push({ body, delivery, remaining: remainingMs(), isNow: now >= before && now <= Date.now() });
      if (contexts.length === 2) release();
      await both;
    });
    expect(await deliver(handler, ['a', 'b'])).toEqual({ redelivered: [], lines: [] });
    expect(contexts).toEqual([
      { body: 'a', delivery: 'invocation-1/id-a', remaining: 4321, isNow: true },
      { body: 'b', delivery: 'invocation-1/id-b', remaining: 4321, isNow: true },
    ]);
  });

  it('has only its failed messages redelivered, and each failure is logged', async () => {
    const { redelivered, lines } = await deliver(sqsBatch(failing('bd')), ['a', 'b', 'c', 'd']);
    expect(redelivered).toEqual(['id-b', 'id-d']);
    expect(lines).toMatchObject([
      {
        level: 'ERROR',
        message: 'message failed',
        error: { message: 'no b' },
        function_request_id: 'invocation-1',
      },
      { level: 'ERROR', message: 'message failed', error: { message: 'no d' } },
    ]);
  });

  it('has a message that comes too early redelivered without an error', async () => {
    const handler = sqsBatch(() => Promise.reject(new RetryLater('too early')));
    const { redelivered, lines } = await deliver(handler, ['a']);
    expect(redelivered).toEqual(['id-a']);
    expect(lines).toMatchObject([{ level: 'INFO', message: 'message put back', reason: 'too early' }]);
  });

  it('finishes the results of the messages that succeeded, and redelivers those that it cannot finish', async () => {
    const finished: string[][] = [];
    const handler = sqsBatch(failing('b'), async (results) => {
      finished.push(results);
      return [
        { status: 'fulfilled', value: undefined },
        { status: 'rejected', reason: new Error('not finished') },
      ];
    });
    const { redelivered, lines } = await deliver(handler, ['a', 'b', 'c']);
    expect({ finished, redelivered }).toEqual({ finished: [['A', 'C']], redelivered: ['id-b', 'id-c'] });
    expect(lines).toMatchObject([{ error: { message: 'no b' } }, { error: { message: 'not finished' } }]);
  });

  it('has failed messages retried soon, by their handles and receives', async () => {
    const retried: FailedMessage[] = [];
    const handler = sqsBatch(failing('bc'), undefined, async (message) => {
      retried.push(message);
      if (message.receiptHandle === 'handle-b') throw new Error('cannot retry');
    });
    const { redelivered, lines } = await deliver(handler, ['a', 'b', 'c']);
    expect(redelivered).toEqual(['id-b', 'id-c']);
    expect(retried).toEqual([
      { receiptHandle: 'handle-b', receives: 2 },
      { receiptHandle: 'handle-c', receives: 2 },
    ]);
    expect(lines.at(-1)).toMatchObject({
      level: 'WARN',
      message: 'message left to its visibility timeout',
      error: { message: 'cannot retry' },
    });
  });

  it('counts a message without attributes as received once', async () => {
    const retried: FailedMessage[] = [];
    const handler = sqsBatch(failing('a'), undefined, async (message) => void retried.push(message));
    await deliver(handler, ['a'], null);
    expect(retried).toEqual([{ receiptHandle: 'handle-a', receives: 1 }]);
  });
});
