import type { S3Event, SqsAndS3 } from './emulators/sqs-s3.ts';
import { REGION, type Resource, UnsupportedTemplate } from './resource.ts';

type Configuration = {
  QueueConfigurations?: {
    Event: string;
    Queue: string;
    Filter?: { S3Key: { Rules: { Name: 'prefix' | 'suffix'; Value: string }[] } };
  }[];
};

/**
 * Returns a listener for S3 events that sends notifications of uploaded objects to the queues of the buckets' notification configurations.
 *
 * @throws UnsupportedTemplate for another target than a queue, or another event than `s3:ObjectCreated:*`
 */
export function s3Notifications(
  buckets: readonly Resource[],
  emulator: Pick<SqsAndS3, 'sendMessage' | 'objectOf'>,
): (event: S3Event) => void {
  const configured = new Map(buckets.map((bucket) => [bucket.name, notificationsOf(bucket)]));
  return ({ bucket, key, status }) => {
    if (status !== 'uploaded') return;
    for (const { Queue, Filter } of configured.get(bucket) ?? []) {
      const fits = (Filter?.S3Key.Rules ?? []).every(({ Name, Value }) =>
        Name.toLowerCase() === 'prefix' ? key.startsWith(Value) : key.endsWith(Value),
      );
      if (!fits) continue;
      const { etag, contentLength } = emulator.objectOf(bucket, key);
      const object = { key: formEncoded(key), size: contentLength, eTag: etag.replaceAll('"', '') };
      emulator.sendMessage(Queue.split(':').at(-1)!, JSON.stringify(notification(bucket, object)));
    }
  };
}

function notificationsOf(bucket: Resource): NonNullable<Configuration['QueueConfigurations']> {
  const { NotificationConfiguration = {} } = bucket.properties() as {
    NotificationConfiguration?: Configuration;
  };
  const { QueueConfigurations = [], ...others } = NotificationConfiguration;
  const unknown = [
    ...Object.keys(others),
    ...QueueConfigurations.map(({ Event }) => Event).filter((event) => event !== 's3:ObjectCreated:*'),
  ];
  if (unknown.length > 0) {
    throw new UnsupportedTemplate(
      `The local host cannot serve the notifications ${unknown.join(', ')} of ${bucket.logicalId}.`,
    );
  }
  return QueueConfigurations;
}

/** S3's envelope (source: Amazon S3, "Event message structure", version 2.1). */
function notification(bucket: string, object: object): object {
  const s3 = { s3SchemaVersion: '1.0', bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` }, object };
  const record = {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: REGION,
    eventTime: new Date().toISOString(),
    eventName: 'ObjectCreated:Put',
    s3,
  };
  return { Records: [record] };
}

/** Encodes an object's key as in S3's notifications: form-encoded, except for slashes. */
const formEncoded = (key: string): string =>
  encodeURIComponent(key)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/')
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
