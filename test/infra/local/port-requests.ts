import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';

export type Sent = { method: string; path: string; headers?: Record<string, string>; body?: string };
export type Answer = { status: number; headers: IncomingHttpHeaders; text: string };

/** Sends a request unchanged, including its Host header, to a port of this machine. */
export function sendTo(port: number, { method, path, headers = {}, body }: Sent): Promise<Answer> {
  return new Promise((done, fail) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const options = {
      host: '127.0.0.1',
      port,
      method,
      path,
      headers: { ...length, ...headers },
      agent: false,
    };
    const sent = httpRequest(options, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => done({ status: response.statusCode!, headers: response.headers, text }));
    });
    sent.on('error', fail);
    sent.end(body);
  });
}

/** The TCP ports that a process listens on. Throws if it listens on another address than 127.0.0.1. */
export function listeningPorts(pid: number): number[] {
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return ''; // closed since
    }
  });
  const sockets = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  const found = ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && sockets.has(inode!))
      .map(([, local]) => Number.parseInt(local!.split(':')[1]!, 16)),
  );
  return [...new Set(found)];
}

/** Sends a part of a request and then resets the connection. */
export async function breakOff(port: number, text: string): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port });
  await new Promise<void>((done) => socket.once('connect', done));
  await new Promise<void>((done) => socket.write(text, () => done()));
  socket.resetAndDestroy();
}
