import type { IncomingHttpHeaders } from 'node:http';

/** A request as an emulator's HTTP server receives it; the path of its URL is not decoded. */
export type CallRequest = { method: string; url: string; headers: IncomingHttpHeaders; body: Buffer };

/**
 * What a call does and to what. The operation is the API's name, such as `SendMessageBatch`; the action is IAM's, such as
 * `sqs:SendMessage`; the resources are ARNs, and a caller needs the action on every one of them.
 */
export type RequestedAccess = { operation: string; action: string; resources: string[] };

/**
 * Thrown for a request of which it cannot be said what it does, and so not whether it may. It must be refused, and it
 * is never AWS's answer: the gate has to learn the operation first.
 */
export class UnknownCall extends Error {
  override name = 'UnknownCall';
}
