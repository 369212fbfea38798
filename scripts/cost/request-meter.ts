import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { Endpoints } from '../../infra/local/host.ts';
import { isCounted } from './caller.ts';
import { counted, type Tally } from './tally.ts';

/** Node publishes to this channel each request to a server of this process, such as the host's API and its emulators. */
const CHANNEL = 'http.server.request.start';
/** SQS bills each 64 KiB of a request as one request (source: Amazon SQS pricing). */
const SQS_REQUEST_BYTES = 65_536;

/** Counts the requests to a host's API, SQS and S3 until it is stopped. */
export function startRequestMeter({ api, sqs, credentials }: Endpoints, tally: Tally): { stop(): void } {
  const ports = { api: portOf(api), sqsAndS3: portOf(sqs) };
  const onRequest = (message: unknown): void => {
    const { request } = message as { request: IncomingMessage };
    const port = request.socket.localPort;
    if (port === ports.api) tally.add(counted.api);
    if (port === ports.sqsAndS3) meter(request, credentials.accessKeyId, tally);
  };
  subscribe(CHANNEL, onRequest);
  return { stop: () => unsubscribe(CHANNEL, onRequest) };
}

const portOf = (url: string): number => Number(new URL(url).port);

function meter(request: IncomingMessage, operator: string, tally: Tally): void {
  const operation = String(request.headers['x-amz-target'] ?? '');
  // Lambda polls with the function's key. The invocation meter counts polls that return a batch; empty ones are an idle cost.
  if (!isCounted(request, operator) || operation === 'AmazonSQS.ReceiveMessage') return;
  if (operation.startsWith('AmazonSQS.')) {
    const bytes = Number(request.headers['content-length'] ?? 0);
    tally.add(counted.sqs, Math.max(1, Math.ceil(bytes / SQS_REQUEST_BYTES)));
    return;
  }
  const { method = '', url = '' } = request;
  if (method === 'PUT' || method === 'POST' || isListing(method, url)) tally.add(counted.s3Write);
  else if (method !== 'DELETE') tally.add(counted.s3Read);
}

/** S3 bills lists as writes (source: Amazon S3 pricing, "PUT, COPY, POST, LIST"). */
const isListing = (method: string, url: string): boolean => method === 'GET' && /[?&]list-type=/.test(url);
