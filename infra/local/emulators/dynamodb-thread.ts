// The worker thread of DynamoDB's emulator. dynalite takes half of the host's CPU time.
import type { RequestListener, ServerResponse } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { close, guardedServer, listen, replayed } from '../access/guarded-server.ts';
import { type Iam, iamOf } from '../iam/iam.ts';
import type { CallRequest } from '../iam/requested-access.ts';
import { REGION } from '../resource.ts';
import { closeDynalite, openDynalite } from './dynalite-database.ts';
import type { DynamoDBThreadData, DynamoDBThreadMessage, DynamoDBThreadReady } from './dynamodb.ts';
import { inFlightRequests } from './in-flight-requests.ts';
import { markClosedCleanly, openAndRepairIndexes } from './index-repair.ts';
import { writeThrottle } from './write-throttle.ts';

/** Maximum request size, as in dynalite (source: DynamoDB quotas, BatchWriteItem: 16 MB). */
const BODY_BYTES_MAX = 16 * 1024 * 1024;

const { folder, keys } = workerData as DynamoDBThreadData;
const { handle, store } = openDynalite(folder);
const indexRepair = await openAndRepairIndexes(store);
const requests = inFlightRequests();
let isStopping = false;
let iam: Iam | undefined;
let throttle: ReturnType<typeof writeThrottle> | undefined;
const server = guardedServer(
  { keys, service: () => 'dynamodb', iam: () => iam, bodyBytesMax: BODY_BYTES_MAX },
  async (request, incoming, response) => {
    if ((await admit(request, response)) && !isStopping)
      handle(replayed(request, incoming) as Parameters<RequestListener>[0], requests.tracked(response));
  },
);

const endpoint = await listen(server);

parentPort!.on('message', (message: DynamoDBThreadMessage) => {
  if (message === 'stop') void stop();
  else if (message === 'use of grants') parentPort!.postMessage(iam?.grantUse());
  else if (message === 'use of the store') parentPort!.postMessage(throttle?.use());
  else if ('throttledTo' in message)
    throttle = writeThrottle(message.throttledTo, message.shapes, readingClient());
  else iam = iamOf(message.guardedBy);
});

/** Returns false after responding to a throttled request. Otherwise delays the response until the consumed units are counted. */
async function admit({ headers, body }: CallRequest, response: ServerResponse): Promise<boolean> {
  if (throttle === undefined || body.length === 0) return true;
  const operation = String(headers['x-amz-target']).split('.').at(-1)!;
  const write = await throttle.admit(operation, JSON.parse(body.toString('utf8')));
  if (write === undefined) return true;
  if ('status' in write) {
    response.writeHead(write.status, { 'content-type': 'application/x-amz-json-1.0' }).end(write.body);
    return false;
  }
  const end = response.end.bind(response);
  response.end = ((body: string | Buffer) => {
    const counted = write.charge({ status: response.statusCode, body: String(body) });
    counted.catch(() => {}).finally(() => end(body));
    return response;
  }) as typeof response.end;
  return true;
}

/** A client for the throttle's own reads, which are not throttled. */
const readingClient = (): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, region: REGION, credentials: keys.operator }));

async function stop(): Promise<void> {
  isStopping = true;
  await close(server);
  // An aborted write would leave index entries without their item.
  await requests.ended();
  await markClosedCleanly(store);
  await closeDynalite(store);
  parentPort!.close();
}
parentPort!.postMessage({ endpoint, indexRepair } satisfies DynamoDBThreadReady);
