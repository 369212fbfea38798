import type { IncomingMessage } from 'node:http';
import { accessKeyIdOf } from '../../infra/local/access/credentials.ts';
import { callerOf } from '../../infra/local/iam/call.ts';

/** The sweeper's access key. The sweeper runs every minute, with or without imports. */
const SWEEPER = accessKeyIdOf('sweeper');

/**
 * Whether a call belongs to an import: a function made it, and not the sweeper. The host and this script make their own calls, such as
 * uploads and polls, with the operator's key; they are not counted.
 *
 * @param operator the operator's access key
 */
export function isCounted(request: Pick<IncomingMessage, 'headers' | 'url'>, operator: string): boolean {
  const caller = callerOf(request);
  return caller !== undefined && caller !== operator && caller !== SWEEPER;
}
