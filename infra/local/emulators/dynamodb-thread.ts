// DynamoDB's emulator in a thread of its own: half of what the host computes is dynalite's.
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { parentPort, workerData } from 'node:worker_threads';
import dynalite from 'dynalite';
import { type Gate, gateOf } from '../gate/gate.ts';
import type { DynamoDBThreadData, DynamoDBThreadMessage } from './dynamodb.ts';

const { folder } = workerData as DynamoDBThreadData;
const emulator = dynalite({
  createTableMs: 0,
  deleteTableMs: 0,
  ...(folder === undefined ? {} : { path: folder }),
});
let gate: Gate | undefined;
const answer = emulator.listeners('request')[0] as RequestListener;
// dynalite closes its database when its own server closes; it never needs to be asked over the network.
await new Promise<void>((done) => emulator.listen(0, '127.0.0.1', done));

// A body that breaks off throws inside dynalite and would end the host. So bodies are read here, and it sees only whole ones.
const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
  try {
    const body = await buffer(request);
    const { method = '', url = '', headers } = request;
    const refused = gate?.refuses({ method, url, headers, body });
    if (refused === undefined) answer(withBody(request, body), response);
    else response.writeHead(refused.status, refused.headers).end(refused.body);
  } catch {
    response.destroy(); // the client has gone
  }
});
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));

parentPort!.on('message', (message: DynamoDBThreadMessage) => {
  if (message === 'stop') void stop();
  else if (message === 'use of grants') parentPort!.postMessage(gate?.use());
  else gate = gateOf(message.guardedBy);
});

async function stop(): Promise<void> {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  emulator.closeAllConnections();
  await new Promise((done) => emulator.close(done));
  parentPort!.close();
}
parentPort!.postMessage((server.address() as AddressInfo).port);

/** The same request with its body already there. */
function withBody(request: IncomingMessage, body: Buffer): IncomingMessage {
  const replayed = new PassThrough();
  replayed.end(body);
  const { method, url, headers, httpVersion, socket } = request;
  return Object.assign(replayed, { method, url, headers, httpVersion, socket }) as unknown as IncomingMessage;
}
