import { mkdirSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import type { AccessKeys } from '../access/credentials.ts';
import { close, guardedServer, listen, replayed } from '../access/guarded-server.ts';
import { isPresigned } from '../access/presigned.ts';
import { nameOf } from '../access/web-requests.ts';
import type { Iam } from '../iam/iam.ts';
import type { CallRequest } from '../iam/requested-access.ts';
import { ACCOUNT, REGION } from '../resource.ts';
import type { Cors } from './cors.ts';
import type { Emulator } from './dynamodb.ts';
import { checkMultipart, type MultipartUpload } from './multipart.ts';
import { type ObjectFiles, objectFiles } from './object-files.ts';
import { asPathStyle, bucketOf, bucketOfHost, rejectPathTraversal } from './s3-paths.ts';
import { traceHeaders } from './trace-headers.ts';

/** fauxqs' stores. It does not export them or their persistence, so they are imported from its files. */
type Stores = {
  SqsStore: { new (): SqsStore; createMessage(body: string): object };
  SnsStore: new () => object;
  S3Store: new () => S3Store;
};
type Queue = {
  persistence?: unknown;
  attributes: Record<string, string>;
  messages: { length: number };
  inflightMessages: Map<string, { message: object }>;
  delayedMessages: { length: number };
  enqueue(message: object): void;
};
type SqsStore = {
  persistence?: unknown;
  region?: string;
  allQueues(): Iterable<Queue>;
  getQueueByName(name: string): Queue | undefined;
  createQueue(name: string, url: string, arn: string, attributes: Record<string, string>): Queue;
};
type S3Store = {
  persistence?: unknown;
  multipartUploads: Map<string, MultipartUpload>;
  spy?: { addMessage(message: S3Event): void };
  hasBucket(name: string): boolean;
  createBucket(name: string): void;
  headObject(bucket: string, key: string): S3Object;
};
type S3Object = { etag: string; contentLength: number };
/** An event of an object, as fauxqs reports it to its spies. */
export type S3Event = { service: string; bucket: string; key: string; status: string };

export type SqsAndS3 = Emulator & {
  /** Creates a queue, or updates the attributes of an existing one. */
  putQueue(name: string, attributes: Record<string, string>): void;
  putBucket(name: string): void;
  /** Returns the number of a queue's messages: visible, in flight and delayed. */
  messagesOf(queue: string): number;
  /** Sends a message without a permission check, for AWS services such as S3. */
  sendMessage(queue: string, body: string): void;
  objectOf(bucket: string, key: string): S3Object;
  queueUrl(name: string): string;
};

/** Maximum size of an upload in one request. S3's limit is 5 GB, but the emulator holds the body in memory. */
const UPLOAD_BYTES_MAX = 512 * 1024 * 1024;

/** Minimum size of objects that are cached while they are read. */
const REMEMBERED_BYTES_MIN = 1024 * 1024;

/**
 * Starts the emulator of SQS and S3, fauxqs, on 127.0.0.1 at a free port. Requests must be signed with one of the keys.
 *
 * Workarounds for fauxqs: its own server listens on every interface; it limits uploads to 11 MiB; it reads a whole file for each byte range;
 * it does not store trace headers of messages.
 *
 * @param folder for queues and objects; undefined: in memory
 * @param onS3Event called for each event of an object
 * @param options.iam the template's policies, once they are loaded
 * @param options.cors the CORS rules of the template's buckets
 * @param options.report receives a line about repaired files
 */
export async function startSqsAndS3(
  folder: string | undefined,
  keys: AccessKeys,
  onS3Event: (event: S3Event) => void,
  {
    iam = () => undefined,
    cors = () => undefined,
    report = () => {},
  }: { iam?: () => Iam | undefined; cors?: Cors; report?: (line: string) => void } = {},
): Promise<SqsAndS3> {
  const fauxqs = await import('fauxqs');
  const { SqsStore, SnsStore, S3Store } = await stores();
  const sqs = new SqsStore();
  const s3 = new S3Store();
  const sns = new SnsStore();
  const closePersistence = folder === undefined ? () => {} : await persist(folder, sqs, s3, report);
  sqs.region = REGION;
  s3.spy = { addMessage: onS3Event };

  const options = {
    logger: false,
    defaultRegion: REGION,
    stores: { sqsStore: sqs, snsStore: sns, s3Store: s3 },
  };
  const app = fauxqs.buildApp(options as unknown as Parameters<typeof fauxqs.buildApp>[0]);
  app.removeContentTypeParser('*');
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: UPLOAD_BYTES_MAX },
    async (_: unknown, body: unknown) => body,
  );
  const traces = traceHeaders();
  app.addHook('preHandler', (request, _reply, done) =>
    traces.during(request.headers['x-amzn-trace-id'], done),
  );
  app.addHook('onSend', async (request, reply, payload) => {
    if (request.headers['x-amz-target'] === 'AmazonSQS.ReceiveMessage' && typeof payload === 'string') {
      const { QueueUrl = '' } = request.body as { QueueUrl?: string };
      const withTraces = traces.addTo(payload, sqs.getQueueByName(QueueUrl.split('/').at(-1)!));
      if (withTraces !== payload) reply.header('content-length', Buffer.byteLength(withTraces));
      return withTraces;
    }
    const hidden = reply.statusCode === 404 ? iam()?.denialForMissingObject(callRequest(request)) : undefined;
    if (hidden === undefined) return payload;
    reply
      .code(hidden.status)
      .headers({ ...hidden.headers, 'content-length': Buffer.byteLength(hidden.body) });
    return hidden.body;
  });
  app.addHook('preClose', async () => closePersistence());
  await app.ready();
  const isBucket = (name: string): boolean => s3.hasBucket(name);
  const server = guardedServer(
    {
      keys,
      service: (request) => (isForSqs(request) ? 'sqs' : 's3'),
      cors: ({ method, url, headers }) =>
        cors({ bucket: bucketOf({ url, headers }, isBucket), method, headers }),
      iam,
      bodyBytesMax: UPLOAD_BYTES_MAX,
      isOwnName: (name) => bucketOfHost(name, isBucket) !== undefined,
      read(request) {
        if (isForSqs(request)) return request;
        const read = asPathStyle(request, bucketOfHost(nameOf(request.headers.host ?? ''), isBucket));
        rejectPathTraversal(read);
        checkMultipart(read, (id) => s3.multipartUploads.get(id));
        return read;
      },
    },
    (request, incoming, response) => app.routing(replayed(withType(request), incoming), response),
  );
  const endpoint = await listen(server);
  const queueUrl = (name: string): string => `${endpoint}/${ACCOUNT}/${name}`;
  return {
    endpoint,
    queueUrl,
    putQueue(name, attributes) {
      const existing = sqs.getQueueByName(name);
      if (existing !== undefined) Object.assign(existing.attributes, attributes);
      const arn = `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;
      traces.keepIn(existing ?? sqs.createQueue(name, queueUrl(name), arn, attributes));
    },
    putBucket(name) {
      if (!s3.hasBucket(name)) s3.createBucket(name);
    },
    messagesOf(name) {
      const { messages, inflightMessages, delayedMessages } = sqs.getQueueByName(name)!;
      return messages.length + inflightMessages.size + delayedMessages.length;
    },
    sendMessage: (queue, body) => sqs.getQueueByName(queue)!.enqueue(SqsStore.createMessage(body)),
    objectOf: (bucket, key) => s3.headObject(bucket, key),
    async stop() {
      await close(server);
      await app.close();
    },
  };
}

/** SQS's older protocol and SNS use form posts. Form uploads to S3 are not supported. Only requests to S3 are presigned. */
const isForSqs = ({ url, headers }: Pick<CallRequest, 'url' | 'headers'>): boolean =>
  !isPresigned(url) && /^application\/(x-amz-json|x-www-form-urlencoded)/.test(headers['content-type'] ?? '');

/** Adds S3's default content type. Without one fauxqs fails on an upload of zero bytes. */
function withType(request: CallRequest): CallRequest {
  if (request.method !== 'PUT' && request.method !== 'POST') return request;
  return { ...request, headers: { 'content-type': 'binary/octet-stream', ...request.headers } };
}

/** Converts a request for the IAM check. fauxqs has parsed some bodies already. */
function callRequest(request: FastifyRequest): CallRequest {
  const { method, url, headers, body } = request;
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? ''));
  return { method, url, headers, body: bytes };
}
type FastifyRequest = { method: string; url: string; headers: IncomingHttpHeaders; body: unknown };

async function stores(): Promise<Stores> {
  const [sqs, sns, s3] = await Promise.all(
    ['sqs/sqsStore.js', 'sns/snsStore.js', 's3/s3Store.js'].map(beside),
  );
  return { ...sqs, ...sns, ...s3 } as Stores;
}

/** Persists queues in a database and objects in files. Existing state is loaded before the stores get their persistence, as in fauxqs. */
async function persist(
  folder: string,
  sqs: SqsStore,
  s3: S3Store,
  report: (line: string) => void,
): Promise<() => void> {
  mkdirSync(folder, { recursive: true });
  const { PersistenceManager } = await beside('persistence.js');
  const { FileS3Persistence } = await beside('s3/fileS3Persistence.js');
  const { SnsStore } = await beside('sns/snsStore.js');
  const queues = new PersistenceManager(join(folder, 'queues'));
  const objects = objectFiles(FileS3Persistence, join(folder, 'objects'), report);
  // By default SQLite syncs to disk three times per message. NORMAL loses nothing when the process is killed, but may on a power cut.
  queues.db.exec('PRAGMA synchronous = NORMAL');
  rememberLastBody(objects);
  queues.loadSqsAndSns(sqs, new SnsStore());
  objects.loadS3(s3);
  sqs.persistence = queues;
  s3.persistence = objects;
  for (const queue of sqs.allQueues()) queue.persistence = queues;
  return () => {
    queues.close();
    objects.close();
  };
}

/** Caches the large object that was read or written last, because a dropped file is read in byte ranges right after its upload. */
function rememberLastBody(files: ObjectFiles): void {
  const { readBody, upsertObject, deleteObject } = files;
  let last: { bucket: string; key: string; body: Buffer } | undefined;
  const forget = (bucket: string, key: string) => {
    if (last?.bucket === bucket && last.key === key) last = undefined;
  };
  files.readBody = (bucket, key) => {
    if (last?.bucket !== bucket || last.key !== key) {
      const body = readBody.call(files, bucket, key);
      // Small objects, such as reports, must not evict the file between two of its ranges.
      if (body.length < REMEMBERED_BYTES_MIN) return body;
      last = { bucket, key, body };
    }
    return last.body;
  };
  files.upsertObject = (bucket, object) => {
    forget(bucket, object.key);
    upsertObject.call(files, bucket, object);
    const { key, body } = object;
    if (body.length >= REMEMBERED_BYTES_MIN) last = { bucket, key, body };
  };
  files.deleteObject = (bucket, key) => {
    forget(bucket, key);
    deleteObject.call(files, bucket, key);
  };
}

// biome-ignore lint/suspicious/noExplicitAny: fauxqs publishes no types for these modules
const beside = async (file: string): Promise<any> =>
  import(new URL(file, import.meta.resolve('fauxqs')).href);
