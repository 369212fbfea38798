import { AsyncLocalStorage } from 'node:async_hooks';

/** What is used here of fauxqs' queues. */
type Queue = {
  inflightMessages: Map<string, { message: object }>;
  enqueue(message: object): void;
};

/**
 * Keeps the trace header of each request that sends messages as the messages' system attribute AWSTraceHeader, as SQS does (source: SQS
 * guide, "Message system attributes"). Not across runs of the host.
 */
export function traceHeaders() {
  const current = new AsyncLocalStorage<string | undefined>();
  const kept = new WeakMap<object, string>();
  return {
    /** Has messages that are sent within `work` keep this header. */
    during(header: string | string[] | undefined, work: () => void): void {
      current.run(typeof header === 'string' ? header : undefined, work);
    },
    keepIn(queue: Queue): void {
      const { enqueue } = queue;
      queue.enqueue = (message) => {
        const header = current.getStore();
        // What moves to a dead-letter queue keeps its own.
        if (header !== undefined && !kept.has(message)) kept.set(message, header);
        enqueue.call(queue, message);
      };
    },
    /** The answer to ReceiveMessage with the headers that its messages were sent with. */
    addTo(answer: string, queue: Queue | undefined): string {
      const { Messages, ...others } = JSON.parse(answer) as { Messages?: Received[] };
      if (Messages === undefined || queue === undefined) return answer;
      const received = Messages.map(({ Attributes, ...message }) => {
        const sent = queue.inflightMessages.get(message.ReceiptHandle)?.message;
        const AWSTraceHeader = sent && kept.get(sent);
        return { ...message, Attributes: { ...Attributes, ...(AWSTraceHeader && { AWSTraceHeader }) } };
      });
      return JSON.stringify({ ...others, Messages: received });
    },
  };
}
type Received = { ReceiptHandle: string; Attributes?: Record<string, string> };
