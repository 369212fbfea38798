import type { SqsAndS3 } from './emulators/sqs-s3.ts';
import type { Resource } from './resource.ts';

/** Attributes with the same name in the template and in SQS. */
const NUMBERS = [
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'VisibilityTimeout',
];

/** Creates the template's queues, or updates the attributes of existing ones. */
export function createQueues(sqs: SqsAndS3, queues: readonly Resource[]): void {
  for (const queue of queues) {
    const properties = queue.properties();
    const attributes = Object.fromEntries(
      NUMBERS.filter((name) => name in properties).map((name) => [name, String(properties[name])]),
    );
    const redrive = properties['RedrivePolicy'];
    if (redrive !== undefined) attributes['RedrivePolicy'] = JSON.stringify(redrive);
    sqs.putQueue(queue.name, attributes);
  }
}
