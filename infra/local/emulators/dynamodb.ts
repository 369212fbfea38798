import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import dynalite from 'dynalite';

/** An emulator that listens, and how to stop it. */
export type Emulator = { endpoint: string; stop(): Promise<void> };

/**
 * DynamoDB by dynalite, in memory or in a folder, on 127.0.0.1 at a free port.
 *
 * What dynalite gets wrong and this file makes up for: a request whose body breaks off throws inside it and would end the
 * process. So the bodies are read here, and dynalite only ever sees whole ones.
 *
 * @throws where another process has the folder open.
 */
export async function startDynamoDB(folder: string | undefined): Promise<Emulator> {
  const emulator = dynalite({
    createTableMs: 0,
    deleteTableMs: 0,
    ...(folder === undefined ? {} : { path: folder }),
  });
  const answer = emulator.listeners('request')[0] as RequestListener;
  // dynalite closes its database when its own server closes; it never needs to be asked over the network.
  await new Promise<void>((done) => emulator.listen(0, '127.0.0.1', done));

  const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    try {
      answer(withBody(request, await buffer(request)), response);
    } catch {
      response.destroy(); // the client has gone
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      emulator.closeAllConnections();
      await new Promise((done) => emulator.close(done));
    },
  };
}

/** The same request with its body already there. */
function withBody(request: IncomingMessage, body: Buffer): IncomingMessage {
  const replayed = new PassThrough();
  replayed.end(body);
  const { method, url, headers, httpVersion, socket } = request;
  return Object.assign(replayed, { method, url, headers, httpVersion, socket }) as unknown as IncomingMessage;
}
