// DynamoDB's emulator in a thread of its own: half of what the host computes is dynalite's.
import type { RequestListener } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import { close, guardedServer, listen, replayed } from '../access/guarded-server.ts';
import { type Gate, gateOf } from '../gate/gate.ts';
import { closeDynalite, openDynalite } from './dynalite-database.ts';
import type { DynamoDBThreadData, DynamoDBThreadMessage } from './dynamodb.ts';

/** Largest request, as dynalite has it (source: DynamoDB quotas, BatchWriteItem: 16 MB). */
const BODY_BYTES_MAX = 16 * 1024 * 1024;

const { folder, keys } = workerData as DynamoDBThreadData;
const { answer, store } = openDynalite(folder);
let gate: Gate | undefined;
const server = guardedServer(
  { keys, service: () => 'dynamodb', gate: () => gate, bodyBytesMax: BODY_BYTES_MAX },
  (request, incoming, response) =>
    answer(replayed(request, incoming) as Parameters<RequestListener>[0], response),
);

parentPort!.on('message', (message: DynamoDBThreadMessage) => {
  if (message === 'stop') void stop();
  else if (message === 'use of grants') parentPort!.postMessage(gate?.use());
  else gate = gateOf(message.guardedBy);
});

async function stop(): Promise<void> {
  await close(server);
  await closeDynalite(store);
  parentPort!.close();
}
parentPort!.postMessage(await listen(server));
