import type { IncomingHttpHeaders } from 'node:http';

/** A request to an emulator's HTTP server. The path of its URL is not decoded. */
export type CallRequest = { method: string; url: string; headers: IncomingHttpHeaders; body: Buffer };

/**
 * The access that a call requests. The operation is the API's name, such as `SendMessageBatch`; the action is IAM's, such as
 * `sqs:SendMessage`; the resources are ARNs, and the caller needs the action on each of them.
 */
export type RequestedAccess = {
  operation: string;
  action: string;
  resources: string[];
  /** Returns the values of a table's partition key, by the attribute's name, in a call of DynamoDB that has keys. @throws UnknownCall */
  leadingKeys?: (attribute: string) => string[];
};

/**
 * Thrown for a request whose operation is not supported by the local IAM, which therefore cannot decide on it. The response is 501,
 * which AWS never returns: add the operation to this folder.
 */
export class UnknownCall extends Error {
  override name = 'UnknownCall';
}
