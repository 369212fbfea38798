import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sqs } from '../../shared/aws/clients.ts';
import { type OutgoingMessage, SomeMessagesNotSent, sendMessages } from '../../shared/aws/send-messages.ts';
import { type Input, jsonService } from './json-service.ts';

const messages = (count: number): OutgoingMessage[] =>
  Array.from({ length: count }, (_, index) => ({ body: `body ${index}`, group: 'A', delaySeconds: index }));

type Entry = { Id: string; MessageBody: string };
const bodiesOf = ({ Entries }: Input): string[] => Entries.map(({ MessageBody }: Entry) => MessageBody);

/** SQS's output when it rejects the messages with these bodies and accepts the others. */
function outputOf({ Entries }: Input, rejected: readonly string[] = []) {
  const isRejected = ({ MessageBody }: Entry) => rejected.includes(MessageBody);
  return {
    Failed: Entries.filter(isRejected).map(({ Id }: Entry) => ({
      Id,
      Code: 'InternalError',
      SenderFault: false,
    })),
    Successful: Entries.filter((entry: Entry) => !isRejected(entry)).map(({ Id, MessageBody }: Entry) => ({
      Id,
      MessageId: Id,
      // The SDK compares the digest with that of what it sent.
      MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
    })),
  };
}

describe('sendMessages', () => {
  it('sends ten messages in a batch, with their groups and delays', async () => {
    await using service = await jsonService((input) => outputOf(input));
    await sendMessages(sqs(), `${service.url}/0/queue`, messages(23));
    expect(service.inputs.map(({ Entries }) => Entries.length).sort()).toEqual([10, 10, 3]);
    expect(service.inputs.flatMap(bodiesOf).sort()).toEqual(
      messages(23)
        .map(({ body }) => body)
        .sort(),
    );
    const entry = service.inputs.flatMap(({ Entries }) => Entries).find((each) => each.DelaySeconds === 7);
    expect(entry).toMatchObject({ MessageBody: 'body 7', MessageGroupId: 'A' });
  });

  it('sends nothing for no messages', async () => {
    await using service = await jsonService((input) => outputOf(input));
    await sendMessages(sqs(), `${service.url}/0/queue`, []);
    expect(service.inputs).toEqual([]);
  });

  it('retries the entries of a batch that SQS rejected, and only those', async () => {
    const rejected = [['body 1', 'body 3'], ['body 3'], []];
    await using service = await jsonService((input) => outputOf(input, rejected[service.inputs.length - 1]));
    await sendMessages(sqs(), `${service.url}/0/queue`, messages(4));
    expect(service.inputs.map(bodiesOf)).toEqual([
      ['body 0', 'body 1', 'body 2', 'body 3'],
      ['body 1', 'body 3'],
      ['body 3'],
    ]);
  });

  it('throws SomeMessagesNotSent when SQS rejects an entry three times', async () => {
    await using service = await jsonService((input) => outputOf(input, ['body 1']));
    await expect(sendMessages(sqs(), `${service.url}/0/queue`, messages(2))).rejects.toThrow(
      new SomeMessagesNotSent('SQS rejected 1 messages.'),
    );
    expect(service.inputs.map(bodiesOf)).toEqual([['body 0', 'body 1'], ['body 1'], ['body 1']]);
  });

  it('sends at most eight batches at once', async () => {
    await using service = await jsonService((input) => outputOf(input));
    const client = sqs();
    let open = 0;
    let openMax = 0;
    client.middlewareStack.add(
      (next) => async (args) => {
        open += 1;
        openMax = Math.max(openMax, open);
        return next(args).finally(() => {
          open -= 1;
        });
      },
      { step: 'initialize' },
    );
    await sendMessages(client, `${service.url}/0/queue`, messages(200));
    expect(service.inputs).toHaveLength(20);
    expect(openMax).toBe(8);
  });
});
