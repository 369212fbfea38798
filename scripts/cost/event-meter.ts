import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { counted, type Tally } from './tally.ts';

/**
 * Starts a server that counts the events posted to its URL, one in each request, and their bytes, for the archive. Events are far below
 * 64 KB, so each is billed as one.
 */
export async function startEventMeter(tally: Tally) {
  const server = createServer((request, response) => {
    tally.add(counted.event);
    request.on('data', (chunk: Buffer) => tally.add(counted.archivedBytes, chunk.length));
    request.on('end', () => response.end());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
