import { AsyncLocalStorage } from 'node:async_hooks';

/** The parts of fauxqs' queues that are used here. */
type Queue = {
  inflightMessages: Map<string, { message: object }>;
  enqueue(message: object): void;
};

/**
 * Stores the trace header of a request that sends messages as their system attribute AWSTraceHeader, as SQS does (source: SQS guide, "Message
 * system attributes"). The headers are lost when the host stops.
 */
export function traceHeaders() {
  const current = new AsyncLocalStorage<string | undefined>();
  const stored = new WeakMap<object, string>();
  return {
    /** Runs `work`, and stores this header with the messages that it sends. */
    during(header: string | string[] | undefined, work: () => void): void {
      current.run(typeof header === 'string' ? header : undefined, work);
    },
    /** Stores trace headers for the messages of a queue. */
    keepIn(queue: Queue): void {
      const { enqueue } = queue;
      queue.enqueue = (message) => {
        const header = current.getStore();
        // A message that moves to a dead-letter queue keeps its header.
        if (header !== undefined && !stored.has(message)) stored.set(message, header);
        enqueue.call(queue, message);
      };
    },
    /** Adds the stored trace headers to a response of ReceiveMessage. */
    addTo(response: string, queue: Queue | undefined): string {
      const { Messages, ...others } = JSON.parse(response) as { Messages?: Received[] };
      if (Messages === undefined || queue === undefined) return response;
      const received = Messages.map(({ Attributes, ...message }) => {
        const sent = queue.inflightMessages.get(message.ReceiptHandle)?.message;
        const AWSTraceHeader = sent && stored.get(sent);
        return { ...message, Attributes: { ...Attributes, ...(AWSTraceHeader && { AWSTraceHeader }) } };
      });
      return JSON.stringify({ ...others, Messages: received });
    },
  };
}
type Received = { ReceiptHandle: string; Attributes?: Record<string, string> };
